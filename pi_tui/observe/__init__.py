"""Looking in from outside: the observer process, the cores, the app's own heartbeat."""
