"""The panes of the bench, one file each."""
