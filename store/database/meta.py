"""Single facts about this replica by key (`meta` rows): its identity, flags of the app."""

import sqlite3


def read_meta(connection: sqlite3.Connection, key: str) -> str | None:
    """Give the value of a key, None if it was never set."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else row[0]


def write_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Set the value of a key."""
    connection.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def forget_meta(connection: sqlite3.Connection, key: str) -> None:
    """Leave a key without a value, as if it had never been set."""
    connection.execute("DELETE FROM meta WHERE key = ?", (key,))
