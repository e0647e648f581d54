"""Meters that run inside the app: the machine's cores, the CPU share of the measured threads, the app's own heartbeat.

Here is also what identifies the app's process across restarts, and the record of the lanes that the observer sends.
"""
