"""The manual: one Markdown file per topic, read by the command `pi-tui manual` and by the help on the screen."""
