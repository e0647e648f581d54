"""The screen of `pi-tui watch`."""
