"""Write to one SQLite database: one writer at a time, the others poll for its lock by sleeping."""

import os
import sqlite3
import tempfile

FILE = os.path.join(tempfile.gettempdir(), "pi-tui-case-write.db")
with sqlite3.connect(FILE, timeout=60) as _connection:
    _connection.execute("create table if not exists t(a, b)")


def func(n):
    connection = sqlite3.connect(FILE, timeout=120, isolation_level=None)
    for k in range(n):
        connection.execute("begin immediate")
        connection.execute("delete from t")
        connection.executemany("insert into t values(?, ?)", ((i, k) for i in range(6000)))
        connection.execute("commit")
    connection.close()
    return n
