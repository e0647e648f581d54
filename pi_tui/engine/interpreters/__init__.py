"""Interpreters."""
