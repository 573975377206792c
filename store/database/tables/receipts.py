"""Delivery receipts: how far each device of a space has a server's log.

A server keeps what devices say of themselves. A device keeps what the server says of the others,
and pairs of places in the two logs, so that it can tell what of its own log lies before a receipt.
"""

from sqlite_utils import Database as Tables

from store.database.tables.making import make_table


def make(db: Tables) -> None:
    """Make the tables of a device."""
    make_table(
        db,
        "receipt",
        {
            "peer": str,
            "id": str,
            "person": str,
            "device": str,
            "seq": int,
            "stamp": int,
            "at_ms": int,
            "is_gone": int,
        },
        pk=("peer", "id"),
        not_null={"person", "device", "seq", "stamp", "at_ms", "is_gone"},
    )
    make_table(
        db,
        "milestone",
        {"peer": str, "own_seq": int, "their_seq": int},
        pk=("peer", "own_seq"),
        not_null={"their_seq"},
    )


def make_stated(db: Tables) -> None:
    """Make the table of a server."""
    make_table(
        db,
        "receipt",
        {"space": str, "replica": str, "seq": int, "stamp": int, "at_ms": int},
        pk=("space", "replica"),
        not_null={"seq", "stamp", "at_ms"},
    )
