"""The screens of earlier runs: the list, one run's trials, and a comparison of two."""
