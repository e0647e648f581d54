"""Readers of Linux's `/proc`: processes, their threads and what these wait for, and the limits of control groups.

They use the standard library only. Without a `/proc` (macOS, Windows) they return None or nothing.
"""
