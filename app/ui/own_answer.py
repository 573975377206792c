"""Reads an answer to a conflict that is on no side, as the field in question would be read."""

from datetime import datetime

from store.domain.due_date import parse_due
from store.domain.fields import PRIORITIES
from store.domain.lifecycle import STATES
from store.domain.recurrence import parse_rule
from store.rows import ConflictRow


def own_choices(row: ConflictRow) -> list[str]:
    """List the other answers, where there are only a few; empty where one writes freely."""
    taken = {side.value for side in row.sides}
    if row.kind == "lifecycle":
        return [state for state in STATES if state not in taken]
    if row.kind == "field" and row.field == "priority":
        return [priority for priority in PRIORITIES if priority not in taken]
    return []


def read_own(row: ConflictRow, text: str, *, now: datetime) -> object:
    """Read what was typed; None clears a field that can be cleared.

    Raises:
        InvalidValue: the field can't hold that.
    """
    if row.kind != "field" or row.field == "title":
        return text
    if not text.strip():
        return None
    match row.field:
        case "due":
            return parse_due(text, now=now)
        case "repeat":
            return parse_rule(text)
        case "pinned":
            return text.strip().lower() in ("yes", "true")
    return text.strip()
