"""Host processes: their command lines, pipes, folders and observers, and the pool that keeps them from run to run."""
