"""Proc."""
