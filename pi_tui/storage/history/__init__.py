"""The history: every run with all its trials, kept in one SQLite file as they happen.

- `database`: the file itself: opened, brought up to date, set aside where it is damaged
- `schema`: its tables, as steps from one version to the next
- `recorder`: consumes a run's events and commits each trial before it is shown
- `reading`: the runs as lines of a list, and one run whole
- `bodies`: what is stored of each event
- `replay`: a stored run's events with their times
- `editing`: notes, the reference, deleting and bringing back
- `transfer`: runs into a file of their own, and back

Nothing in here is imported before the first run starts or somebody asks for the history.
"""
