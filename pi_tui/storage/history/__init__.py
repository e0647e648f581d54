"""The history: every run with all its trials, stored in one SQLite file while the run goes on.

- `database`: the open file: created, migrated, checked for damage, renamed if damaged
- `schema`: its tables, as migration steps from one version to the next
- `recorder`: consumes a run's events and commits each trial before it is shown
- `queries`: the list of runs, and one run with everything in it
- `rows`, `event_rows`, `codec`: values as rows, events as rows, values as bytes
- `stored_trial`: a trial whose ledgers are unpacked on first use
- `replay`: a stored run's events with their times
- `edits`: notes, the reference run, deleting, undeleting and clearing
- `transfer`: runs exported to a history file of their own, and imported again
- `service`: all of this for the screen, from any thread

Nothing in here is imported before the first run starts or the history is opened.
"""
