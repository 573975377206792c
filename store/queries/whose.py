"""Whose device this is, and so which things of others are one's own."""

import sqlite3
from dataclasses import dataclass

from store.database.meta import read_meta


@dataclass(frozen=True, slots=True)
class Me:
    """Whose device this is."""

    replica: str
    person: str

    def is_mine(self, holder: str, person: str) -> bool:
        """Whether something belongs to this person, on this device or another one."""
        return holder == self.replica or (bool(person) and person == self.person)


def me(conn: sqlite3.Connection) -> Me:
    """Whose device this is."""
    return Me(read_meta(conn, "replica_id") or "", read_meta(conn, "person") or "")
