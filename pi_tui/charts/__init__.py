"""Charts: one description, drawn as text or as SVG. Values in, drawing out; no screen, no terminal, no clock."""
