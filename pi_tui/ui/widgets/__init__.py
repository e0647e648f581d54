"""Widgets: each draws its own lines and turns keys and clicks into messages."""
