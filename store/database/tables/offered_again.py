"""Which refused changes a person has offered once more, as long as they were not sent since."""

from sqlite_utils import Database as Tables

from store.database.tables.making import make_table


def make(db: Tables) -> None:
    """Make the table of this step."""
    make_table(db, "offered_again", {"space": str, "hash": bytes}, pk=("space", "hash"))
