"""Looking at any running program from outside: its threads' lanes and clocks. Standard library only."""
