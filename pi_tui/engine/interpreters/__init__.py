"""The Python interpreters of this machine: where they may be, what each one is, and the ids they are given."""
