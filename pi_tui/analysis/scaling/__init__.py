"""Scaling over many results: series, laws fitted to them, break-even sizes, the cost per task, and sentences about these."""
