"""What is computed: `catalog` names the kernels, one file a family holds their functions.

This file stays empty of imports: every spawned worker imports it.
"""
