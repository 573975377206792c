"""What was refused as a row among the conflicts: what was wanted, against what was said to it.

Both come from rows alone; what a refused change would take away is on its own page in the app.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from store.documents.state import Side
from store.rows import ConflictRow

if TYPE_CHECKING:
    from store.rows import RefusalRow
    from store.supply_rows import NoticeRow

REFUSED: Final = "refused"


def refused_change(row: RefusalRow, person: str, device: str) -> ConflictRow:
    """Changes of an item that its server did not take; they stand here all the same.

    Args:
        row: the refusal.
        person: who uses this device.
        device: its name.
    """
    wanted = Side(row.title, person, device, row.at_ms, shown=True, op="")
    answer = Side(row.reason, "", "", row.at_ms, shown=False, op="")
    return ConflictRow(row.id, row.doc_id, row.title, REFUSED, None, None, (wanted, answer), None)


def refused_wish(row: NoticeRow, person: str) -> ConflictRow:
    """What the authority refused or took back of supplies and money: its word is what counts.

    Args:
        row: the notice.
        person: who uses this device.
    """
    wanted = Side(row.title, person, "", row.at_ms, shown=False, op="")
    answer = Side(row.reason or row.text, "", "", row.at_ms, shown=True, op="")
    doc = row.task or ""
    return ConflictRow(row.id, doc, row.title, REFUSED, None, None, (wanted, answer), None)
