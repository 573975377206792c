"""Which paragraphs runs of changes touched: worked out once, as a long text takes seconds."""

from sqlite_utils import Database as Tables

from store.database.tables.making import make_table


def make(db: Tables) -> None:
    """Make the table of this step."""
    make_table(
        db,
        "footprint",
        {"doc": str, "first": bytes, "last": bytes, "said": str},
        pk=("doc", "first", "last"),
        not_null={"said"},
    )
