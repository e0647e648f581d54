"""Screens: the bench, and the dialogs above it."""
