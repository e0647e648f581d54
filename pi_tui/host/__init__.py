"""The measured side, which runs in any CPython from 3.11 on and uses the standard library only.

This file stays free of imports because every spawned worker imports it.
"""
