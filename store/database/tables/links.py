"""A device's links between items: where texts lead, and by what links items are found."""

from sqlite_utils import Database as Tables

from store.database.tables.making import make_table
from store.domain.links import link_keys, name_keys


def make(db: Tables) -> None:
    """Make the tables of this step, and fill them for the items that are there."""
    for name in ("link", "link_name"):
        table = make_table(db, name, {"doc": str, "key": str}, pk=("doc", "key"))
        table.create_index(["key", "doc"], f"{name}_key")
    _fill(db)


def make_anew(db: Tables) -> None:
    """Fill the tables anew, since links lead to folders and pages too."""
    for name in ("link", "link_name"):
        db.table(name).delete_where()
    _fill(db)


def _fill(db: Tables) -> None:
    items = db.execute(
        "SELECT item.doc, item.title, item.source, text.body FROM item"
        " JOIN text ON text.doc = item.doc"
    ).fetchall()
    for doc, title, source, body in items:
        for name, keys in (
            ("link", link_keys(body, source)),
            ("link_name", name_keys(doc, title, source)),
        ):
            db.table(name).insert_all({"doc": doc, "key": key} for key in sorted(keys))
