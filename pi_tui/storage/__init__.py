"""What is stored of a run, below the screen and the command line.

- `run_record`: a run's results with the machine and the interpreters that produced them
- `history`: every run with all its trials, in one SQLite file
- `export`: a run as JSON, JSON lines, CSV, Markdown, HTML or pyperf's JSON; charts and lanes as files
"""
