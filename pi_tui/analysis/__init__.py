"""Results and what follows from them, as pure functions: no clock, no disk, no environment, no screen.

The files here define results and compute their figures. `advice` judges a result, `scaling` compares results over workers,
sizes and tasks, `watch` judges a watched program, and `text` formats figures and names.
"""
