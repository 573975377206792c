"""How tables are made: STRICT, with what may not be null said beside the columns."""

from sqlite_utils import Database as Tables
from sqlite_utils.db import Table


def make_table(
    db: Tables,
    name: str,
    columns: dict[str, type],
    *,
    pk: str | tuple[str, ...],
    not_null: set[str] | None = None,
    defaults: dict[str, str | int] | None = None,
) -> Table:
    """Make a STRICT table; columns that have a default are never null."""
    required = (not_null or set()) | set(defaults or ())
    return db.table(name).create(
        columns, pk=pk, not_null=required, defaults=defaults or {}, strict=True
    )
