"""Widgets that draw lines and turn keys and clicks into messages."""
