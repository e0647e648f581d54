"""What is computed: `catalog` names the kernels; the other files hold their functions.

This file stays free of imports because every spawned worker imports it.
"""
