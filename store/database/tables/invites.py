"""Invites for several devices, and by which one a device came in."""

from sqlite_utils import Database as Tables


def make(db: Tables) -> None:
    """Add the columns of this step."""
    db.table("token").add_column("invite", bytes)
    db.table("invite").add_column("uses_left", int, not_null_default=1)
    db.execute("UPDATE invite SET uses_left = 0 WHERE used_at_ms IS NOT NULL")
