"""What is kept of a run: one exporter a format."""
