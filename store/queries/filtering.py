"""What keeps a row of `item`: views and filters as SQL conditions with their parameters.

Both are written for any alias of the table, as a subtask is shown where its parent is not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from store.domain.filters import Filter

# An open task is neither done nor cancelled.
OPEN: Final = "{t}.state NOT IN ('done', 'cancelled')"
FINISHED: Final = "{t}.state IN ('done', 'cancelled')"
IS_DUE: Final = (  # 10: the length of a whole day
    "(CASE length({t}.due) WHEN 10 THEN {t}.due <= :today ELSE {t}.due < :day_ends_at END)"
)
_IS_PAST: Final = "(CASE length({t}.due) WHEN 10 THEN {t}.due < :today ELSE {t}.due < :now_at END)"
_IS: Final = {
    "open": f"{{t}}.kind = 'task' AND {OPEN}",
    "overdue": f"{{t}}.due IS NOT NULL AND {OPEN} AND {_IS_PAST}",
    "task": "{t}.kind = 'task'",
    "note": "{t}.kind = 'note'",
    "pinned": "{t}.pinned = 1",
    "repeating": "{t}.repeat IS NOT NULL",
    "conflict": "{t}.conflict_count > 0",
}
_COLUMNS: Final = {"list": "list", "assignee": "assignee", "priority": "priority"}


@dataclass
class Conditions:
    """Conditions that all must hold, and the parameters that they name."""

    sql: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def add(self, condition: str, **parameters: Any) -> None:
        """Add a condition; `{t}` in it stands for the table."""
        self.sql.append(condition)
        self.parameters |= parameters

    def of(self, table: str) -> str:
        """Write them for an alias of the table."""
        return " AND ".join(each.format(t=table) for each in self.sql) or "1"


def add_filters(conditions: Conditions, filters: Iterable[Filter]) -> None:
    """Add filters; they may name `:today`, `:day_ends_at` and `:now_at`, which the caller gives."""
    for number, each in enumerate(filters):
        condition, parameters = _condition(each, f"f{number}_")
        conditions.add(
            f"NOT coalesce(({condition}), 0)" if each.negated else condition, **parameters
        )


def _condition(each: Filter, prefix: str) -> tuple[str, dict[str, Any]]:
    match each.kind:
        case "tag":
            return _tag(each, prefix)
        case "is":
            assert each.value is not None, "is: always has a word"
            if each.value in _IS:
                return _IS[each.value], {}
            return f"{{t}}.state = :{prefix}value", {f"{prefix}value": each.value}
        case "due":
            return _due(each, prefix)
        case "title":
            return f"instr(lower({{t}}.title), lower(:{prefix}value))", {
                f"{prefix}value": each.value
            }
    column = f"{{t}}.{_COLUMNS[each.kind]}"
    if each.value is None:
        return f"{{t}}.kind = 'task' AND {column} IS NULL", {}
    return f"{column} = :{prefix}value COLLATE NOCASE", {f"{prefix}value": each.value}


def _tag(each: Filter, prefix: str) -> tuple[str, dict[str, Any]]:
    if each.value is None:
        return "{t}.tags = '[]'", {}
    condition = f"{{t}}.doc IN (SELECT doc FROM item_tag WHERE tag = :{prefix}value COLLATE NOCASE)"
    return condition, {f"{prefix}value": each.value}


def _due(each: Filter, prefix: str) -> tuple[str, dict[str, Any]]:
    if each.due is None:
        missing = "NOT NULL" if each.value is not None else "NULL"
        return f"{{t}}.kind = 'task' AND {{t}}.due IS {missing}", {}
    bounds = {
        "from_day": each.due.from_day,
        "from_at": each.due.from_at,
        "until_day": each.due.until_day,
        "until_at": each.due.until_at,
    }
    days = _between("from_day", "until_day", bounds, prefix)
    moments = _between("from_at", "until_at", bounds, prefix)
    condition = (
        f"{{t}}.due IS NOT NULL AND (CASE length({{t}}.due) WHEN 10 THEN {days} ELSE {moments} END)"
    )
    return condition, {f"{prefix}{name}": bound for name, bound in bounds.items() if bound}


def _between(start: str, end: str, bounds: dict[str, str | None], prefix: str) -> str:
    parts = []
    if bounds[start] is not None:
        parts.append(f"{{t}}.due >= :{prefix}{start}")
    if bounds[end] is not None:
        parts.append(f"{{t}}.due < :{prefix}{end}")
    return " AND ".join(parts)
