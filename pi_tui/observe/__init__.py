"""Observation from outside the measured program.

`process` is the observer: the process that starts a host, samples its workers and cleans up after it. `watch` is the watcher:
the process that samples any running program. `proc` reads Linux's `/proc` for both. `meters` run inside the app.
"""
