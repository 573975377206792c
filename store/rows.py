"""The frozen rows that reads give out. Views hold these, never documents or connections.

`space` is the space's name, times are Unix ms in UTC, ids are whole. `app/json_shapes.py` turns
them into the JSON of the command line's contract.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from store.documents.state import EventRow, Settled, Side
from store.domain.ids import DocId

SyncMark = Literal["local", "synced", "pending", "error"]
StatusState = Literal["local", "synced", "pending", "syncing", "offline", "retrying", "attention"]

# Around found words in a snippet: private use characters, so that no text of a person holds them.
MARK_START: Final = "\ue000"
MARK_END: Final = "\ue001"

__all__ = [
    "MARK_END",
    "MARK_START",
    "Confirmed",
    "ConflictRow",
    "Difference",
    "Digest",
    "EventRow",
    "HeldRow",
    "Holder",
    "LinkedRow",
    "Links",
    "NoteRow",
    "ParkedRow",
    "PeerRow",
    "Refusal",
    "RefusalRow",
    "SafeToClose",
    "SearchHit",
    "Settled",
    "Side",
    "SpaceRow",
    "Status",
    "StatusState",
    "SyncMark",
    "TaskRow",
    "VersionRow",
]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as lists and its own page show it.

    Attributes:
        due: `YYYY-MM-DD`, or `YYYY-MM-DDTHH:MM:SSZ`, or None.
        order: order key among all tasks of the space.
        body: None in lists; read the task alone to get it.
        sync: `local` (its space has no server), `synced`, `pending`, or `error` (parked changes).
        conflicts: ids of the open ones.
        events: empty in lists; read the task alone to get them.
    """

    id: str
    kind: Literal["task"]
    space: str
    title: str
    state: str
    due: str | None
    priority: str | None
    list: str | None
    assignee: str | None
    tags: tuple[str, ...]
    parent: str | None
    order: str | None
    repeat: str | None
    body: str | None
    trashed: bool
    created_at_ms: int | None
    updated_at_ms: int | None
    sync: SyncMark
    conflicts: tuple[str, ...]
    events: tuple[EventRow, ...]


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note as lists and its own page show it; `body` is None in lists, `snippet` its start."""

    id: str
    kind: Literal["note"]
    space: str
    title: str
    body: str | None
    tags: tuple[str, ...]
    pinned: bool
    trashed: bool
    created_at_ms: int | None
    updated_at_ms: int | None
    sync: SyncMark
    conflicts: tuple[str, ...]
    snippet: str


@dataclass(frozen=True, slots=True)
class LinkedRow:
    """An item at the other end of a link."""

    id: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one item: to what its text leads, and what leads to it."""

    ahead: tuple[LinkedRow, ...]
    behind: tuple[LinkedRow, ...]


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """An open conflict (`settled` is None) or a settled one, with the title of its item."""

    id: str
    doc_id: str
    title: str
    kind: str
    field: str | None
    base: Any
    sides: tuple[Side, ...]
    settled: Settled | None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A found item.

    Attributes:
        snippet: a stretch of text with each found word between `MARK_START` and `MARK_END`, which
            no keyboard types; views turn them into bold, JSON leaves them out (`unmarked`).
        score: higher is better; comparable within one search only.
        marked_title: the title with such marks; empty where no word of it was looked for.
    """

    id: str
    kind: str
    title: str
    snippet: str
    score: float
    marked_title: str = ""

    def unmarked(self) -> str:
        """Give the snippet as plain text."""
        return self.snippet.replace(MARK_START, "").replace(MARK_END, "")


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of a document: a change hash in hex, by whom and when, and what it did."""

    version: str
    author: str
    device: str
    at_ms: int | None
    summary: str


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """A space; `url` is its server's, None for one without.

    `role` is what this device may do, None where nobody else has the space; `is_among_devices` says
    that it is shared with other devices and has no server.
    """

    id: str
    name: str
    kind: Literal["local", "hosted"]
    is_current: bool
    role: str | None
    url: str | None
    is_among_devices: bool = False


@dataclass(frozen=True, slots=True)
class PeerRow:
    """A peer as status shows it; `push_pending` counts changes that it has not acknowledged.

    `name` is that of a device, None for a server; `url` is empty for a device that only asks us.
    """

    id: str
    space: str
    url: str
    kind: str
    state: str
    push_pending: int
    last_seen_at_ms: int | None
    last_synced_at_ms: int | None
    error: str | None
    retry_at_ms: int | None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The truth about sync, from what is known here.

    Attributes:
        pending: changes that a server has not acknowledged.
        parked: items with changes that a server refused.
        conflicts: open ones.
        last_synced_at_ms: when the space that waits longest was last synced; None if one never was.
        retry_at_ms: when the next try is due, if one is.
        undecidable: of `pending`, what was asked of a space's authority where it has no server.
    """

    state: StatusState
    pending: int
    parked: int
    conflicts: int
    last_synced_at_ms: int | None
    retry_at_ms: int | None
    peers: tuple[PeerRow, ...]
    undecidable: int = 0


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A text that was taken back and waits for a person.

    Attributes:
        title: of the item; None where all of it was taken back.
        at_ms: when, by this device's clock.
    """

    doc_id: DocId
    title: str | None
    at_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """An item with changes that the server refused.

    Attributes:
        id: hex hash of the first of them.
        changes: how many wait, with those that depend on them.
    """

    id: str
    doc_id: str
    reason: str
    changes: int


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """An item of which a server refused changes, as a list names it.

    Attributes:
        id: hex hash of the first of them.
        title: empty where the item is in no list.
        changes: how many wait, with those that depend on them.
        at_ms: when the first of them was refused.
    """

    id: str
    doc_id: str
    title: str
    reason: str
    changes: int
    at_ms: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field, `body`, `state`, `tags` or `trashed` that reads differently; None is nothing."""

    name: str
    there: Any
    here: Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is refused of one item.

    Attributes:
        is_whole: whether the server has nothing of the item.
        differences: what the item says there and here.
    """

    row: RefusalRow
    is_whole: bool
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """Hashes (hex) of all heads and of what a person sees, to compare replicas by."""

    heads: str
    view: str
    docs: int
    changes: int


@dataclass(frozen=True, slots=True)
class Holder:
    """Another device of an item's space.

    Attributes:
        id: its replica id, or the peer's id where it is asked directly.
        person, device: names; empty where only its address is known.
        has_latest: the latest version of the item is there for sure.
        at_ms: when it last said what it has; by the clock of the server, or of this device where it
            is asked directly. None if it never did.
    """

    id: str
    person: str
    device: str
    has_latest: bool
    at_ms: int | None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Where the latest version of an item is known to be, beside this device, which has it.

    Attributes:
        is_on_server: None where its space has no server.
        server_at_ms: when the server last acknowledged all of this device's log; None if never.
        devices: the other devices that are known, by name.
    """

    is_on_server: bool | None
    server_at_ms: int | None
    devices: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class SafeToClose:
    """Whether everything that was done here is somewhere else too.

    Attributes:
        pending: changes that are only here, and will be sent.
        parked: items with changes that were refused, or with a text that was taken back: those stay
            here until somebody decides.
        drafts: texts that were typed and are no change yet; they are on this disk.
        only_here: items of spaces that nothing is synced with, by choice. They don't count.
    """

    pending: int
    parked: int
    drafts: int
    only_here: int

    @property
    def is_safe(self) -> bool:
        """Whether this device may be closed, or lost, without losing what was done here."""
        return not (self.pending or self.parked or self.drafts)
