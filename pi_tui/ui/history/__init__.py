"""The screen of earlier runs: the list, one run's trials, a comparison, a replay."""
