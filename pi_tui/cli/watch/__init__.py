"""`pi-tui watch`: the threads of any running program."""
