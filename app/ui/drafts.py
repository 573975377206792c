"""What is typed, made durable: at once as a draft, a moment later as a change (DECISIONS D11).

The store keeps one draft an item, so two tabs that type in one item take turns here: before another
box's draft, or one on another version, would replace a draft, that one becomes a change.
"""

import threading

from store.domain.ids import DocId
from store.replica import Replica

Heads = tuple[bytes, ...]
Writer = tuple[str, str]
"""A person and a device of theirs."""


class Drafts:
    """The drafts of all tabs of this process. Methods block; call them off the loop."""

    def __init__(self, replica: Replica) -> None:
        """Keep drafts in a replica."""
        self._replica = replica
        self._lock = threading.Lock()
        self._owners: dict[DocId, tuple[str, Heads]] = {}

    def load(self, doc: DocId) -> tuple[str, Heads]:
        """Read an item's text for a box, and the version that it is."""
        return self._replica.text(doc)

    def writers(self, doc: DocId, since: Heads) -> tuple[list[Writer], Writer]:
        """Say who wrote in an item's text after a version, and who writes here."""
        own = self._replica.identity
        return self._replica.text_writers(doc, since), (own.person, own.device)

    def save(self, box: str, doc: DocId, text: str, base: Heads) -> None:
        """Keep what a box says; durable when this returns.

        Args:
            box: names the box; commits that come of it carry this as their initiator.
            doc: the item.
            text: all of the box.
            base: the version that the box was loaded from.

        Raises:
            InvalidValue: too long, or not text. NotFound: the item is gone.
        """
        with self._lock:
            if self._owners.get(doc, (box, base)) != (box, base):
                self._flush(box)
            self._replica.save_draft(doc, text, base)
            self._owners[doc] = (box, base)

    def flush(self, box: str = "") -> None:
        """Turn all drafts into changes."""
        with self._lock:
            self._flush(box)

    def _flush(self, box: str) -> None:
        self._replica.flush_drafts(initiator=box)
        self._owners.clear()
