"""Fetch rows from SQLite: its module gives the GIL up and takes it again at each row."""

import os
import sqlite3
import tempfile

FILE = os.path.join(tempfile.gettempdir(), "pi-tui-case-rows.db")
if not os.path.exists(FILE):
    made = f"{FILE}.{os.getpid()}"
    with sqlite3.connect(made) as connection:
        connection.execute("create table t(a, b)")
        connection.executemany("insert into t values(?, ?)", ((i, str(i)) for i in range(400_000)))
    connection.close()
    os.replace(made, FILE)


def func(n):
    connection = sqlite3.connect(FILE)
    total = 0
    for a, _b in connection.execute("select a, b from t limit ?", (n,)):
        total += a
    connection.close()
    return total
