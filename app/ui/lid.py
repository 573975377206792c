"""The light that says whether it is safe to close the lid. Pure.

Only what somebody else has acknowledged counts: not what was sent, and not what is on its way.

    safe    all that was done here is acknowledged
    wait    something is on this device only, and will be sent
    stuck   something is on this device only, and stays so until a person decides
    alone   nothing here is shared with anybody
"""

from dataclasses import dataclass
from typing import Literal

from app.ui.words import counted
from store.rows import SafeToClose, Status

Light = Literal["safe", "wait", "stuck", "alone"]


@dataclass(frozen=True, slots=True)
class Lid:
    """The light, what it says, and what follows from it."""

    light: Light
    words: str
    sentence: str


def lid(status: Status, safe: SafeToClose) -> Lid:
    """Say whether this device may be closed, carried away or lost now."""
    if not status.peers:
        return Lid(
            "alone",
            "Nothing has to be sent",
            "What you write is saved, on this device only. Share a space, or make a backup, "
            "to have it twice.",
        )
    if safe.parked:
        return Lid(
            "stuck",
            f"Not safe: {counted(safe.parked, 'item')} refused",
            "What was refused is on this device only, until you decide.",
        )
    if not safe.is_safe:
        return Lid(
            "wait",
            f"Not yet: {counted(safe.pending + safe.drafts, 'change')} on this device only",
            "They are saved here, and sent as soon as somebody can be reached.",
        )
    if status.last_synced_at_ms is None:
        return Lid(
            "wait",
            "Not yet: a space was never fetched",
            "Nothing of yours is lost, but what others wrote in it is not here.",
        )
    alone = (
        f" {counted(safe.only_here, 'item')} of spaces that nobody shares "
        f"{'is' if safe.only_here == 1 else 'are'} on this device only."
        if safe.only_here
        else ""
    )
    return Lid(
        "safe",
        "Safe to close the lid",
        f"All that was written in shared spaces has been acknowledged.{alone}",
    )
