"""Kernels that users write: functions in their files, in modules, and in installed packages."""
