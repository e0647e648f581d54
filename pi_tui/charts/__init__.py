"""Charts: one description, drawn in a terminal or as SVG. Pure functions: no screen, no terminal, no clock."""
