"""The measured side: standard library only, in any CPython from 3.11 on.

This file stays empty of imports: every spawned worker imports it.
"""
