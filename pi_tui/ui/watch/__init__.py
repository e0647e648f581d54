"""The screen that watches a program, alone for `pi-tui watch` or above the bench."""
