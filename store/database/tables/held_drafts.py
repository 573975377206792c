"""Which drafts wait for a person: texts that were taken back are no change until somebody looks."""

from sqlite_utils import Database as Tables


def make(db: Tables) -> None:
    """Add the column of this step."""
    db.table("draft").add_column("held", int, not_null_default=0)
