"""The watcher process: it samples all threads of any running program. Standard library only.

`watcher` is its event loop; `process_scan` finds the program's processes and threads; `thread_sampler` and `thread_lane` read
what the threads do; `gil_search` finds the GILs; `started_program` runs a program that the watcher itself starts.
"""
