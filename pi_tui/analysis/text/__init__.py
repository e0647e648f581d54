"""Text for terminals: formatted figures, numbers in prose, cell widths, short kernel names, and removal of escape sequences."""
