"""Which file of this device made which item: known here only, never sent."""

from sqlite_utils import Database as Tables

from store.database.tables.making import make_table


def make(db: Tables) -> None:
    """Make the tables of this step."""
    make_table(
        db,
        "imported",
        {"space": str, "kind": str, "file": str, "part": str, "doc": str, "content": bytes},
        pk=("space", "kind", "file", "part"),
        not_null={"doc", "content"},
    ).create_index(["doc"], "imported_doc")
