"""Pure functions of results: no clock, no disk, no environment, no screen."""
