"""The light that says whether it is safe to close the lid. Pure.

Only what somebody else has acknowledged counts: not what was sent, and not what is on its way.

    safe    all that was written here is acknowledged
    wait    something is on this device only, and will be sent
    stuck   something is on this device only, and won't be sent until a person decides
    alone   nothing here is shared with anybody
"""

from dataclasses import dataclass
from typing import Literal

from app.ui.words import counted
from store.rows import Status

Light = Literal["safe", "wait", "stuck", "alone"]


@dataclass(frozen=True, slots=True)
class Lid:
    """The light, what it says, and what follows from it."""

    light: Light
    words: str
    sentence: str


def lid(status: Status, *, typed: int) -> Lid:
    """Say whether this device may be closed, carried away or lost now.

    Args:
        status: what the store knows.
        typed: texts that are saved as typed and not a change yet.
    """
    if not status.peers:
        return Lid(
            "alone",
            "Nothing has to be sent",
            "What you write is saved, on this device only. Share a space, or make a backup, "
            "to have it twice.",
        )
    if status.parked:
        return Lid(
            "stuck",
            f"Not safe: {counted(status.parked, 'item')} refused",
            "What was refused is on this device only, until you decide below.",
        )
    if status.pending or typed:
        return Lid(
            "wait",
            f"Not yet: {counted(status.pending + typed, 'change')} on this device only",
            "They are saved here, and sent as soon as somebody can be reached.",
        )
    if status.last_synced_at_ms is None:
        return Lid(
            "wait",
            "Not yet: a space was never fetched",
            "Nothing of yours is lost, but what others wrote in it is not here.",
        )
    return Lid("safe", "Safe to close the lid", "All that was written here has been acknowledged.")
