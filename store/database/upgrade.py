"""Makes a new database file, or brings an older one up to date, in one transaction.

The steps of `migrations` (sqlite-utils) are what defines every table. Importing that library takes
longer than all else in a first start, so a new file is made from `fresh_*.sql`, which is what the
steps leave behind; a test compares the two. An older file goes through the steps themselves.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from store.database.failures import not_ours
from store.database.roles import Role


def bring_up_to_date(connection: sqlite3.Connection, role: Role, path: Path) -> None:
    """Make the tables, or run the steps that the file lacks.

    Two processes may try at once: the second finds the work done.

    Raises:
        HomeCorrupt: the file is a database of another program.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        (schema,) = connection.execute("PRAGMA user_version").fetchone()
        if schema == 0:
            _make(connection, role, path)
        elif schema < role.schema:
            # 0.1 s: only ever paid when a file is behind.
            from store.database.migrations import apply

            apply(connection, role)
        connection.execute(f"PRAGMA user_version={role.schema}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _make(connection: sqlite3.Connection, role: Role, path: Path) -> None:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables:
        raise not_ours(path)
    connection.execute(f"PRAGMA application_id={role.application_id}")
    for statement in _statements(role.fresh_sql.read_text(encoding="utf-8")):
        connection.execute(statement)
    connection.executemany(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES (?, ?, strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))",
        [(role.name, step) for step in role.steps],
    )


def _statements(script: str) -> Iterator[str]:
    """Split a script; a trigger's inner statements stay with it."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if line.rstrip().endswith(";") and sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    assert not statement.strip(), "the script ends inside a statement"
