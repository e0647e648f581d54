"""User_kernels."""
