"""Dialogs above the bench, the history and a watch."""
