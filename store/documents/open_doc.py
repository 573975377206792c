"""A document that is open on this device: Automerge's part, its history, and what was worked out.

It lives in the replica's cache between acts, takes in what the log has gained, and is thrown away
the moment anything about it is in doubt: the log can always make it again.

With it goes the actor by which it was edited: edits that follow each other share one, since every
actor costs memory wherever the document is loaded. It is never written down, so that a home that
was copied or restored has none, and never used again after an edit that may not be in the log
(ADR 33).
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from store.documents.ancestry import Ancestry
from store.documents.binding import Doc, Writer
from store.documents.conflicts.fields import live_values
from store.documents.conflicts.footprints import Footprint
from store.documents.conflicts.runs import RunName, Runs
from store.documents.history import ChangeInfo, History
from store.documents.inspect import InspectedChange, inspect_change
from store.documents.reader import read_state, read_version
from store.documents.schema import genesis_change
from store.documents.state import DocState
from store.documents.touched import Touches
from store.documents.verdicts import Case, tried
from store.domain.errors import Ambiguous, NotFound
from store.domain.ids import DocId
from store.domain.stamp import Stamp
from store.errors import DocumentCorrupt


class OpenDoc:
    """One document with its history. Not thread-safe; its replica holds the lock."""

    def __init__(self, doc_id: DocId, doc: Doc, history: History) -> None:
        """Put together parts that belong together; `OpenDoc.load` opens one from its log."""
        self.id = doc_id
        self.doc = doc
        self.history = history
        self.touches = Touches(doc_id, history)
        self._runs = Runs()
        self._footprints_known = 0
        self._ancestry: Ancestry | None = None
        self._own: ChangeInfo | None = None  # the last change of this actor
        self._process = os.getpid()

    @classmethod
    def load(
        cls, doc_id: DocId, changes: Iterable[ChangeInfo], snapshot: bytes | None = None
    ) -> "OpenDoc":
        """Open a document from its logged changes.

        Args:
            doc_id: its id; the genesis is computed from it.
            changes: all logged changes in causal order.
            snapshot: an Automerge file that holds some of them, to load faster.

        Raises:
            DocumentCorrupt: bytes that do not fit together.
        """
        genesis = ChangeInfo.of(inspect_change(genesis_change(doc_id)))
        history = History([genesis, *changes])
        chunks = [c.raw for c in history.changes]
        if snapshot is not None:
            chunks = [snapshot, *chunks]
        doc = Doc.load(chunks, hashes=history.position, name=doc_id)
        if doc.heads() != history.heads():
            raise DocumentCorrupt(doc_id, "its changes do not fit together")
        return cls(doc_id, doc, history)

    @property
    def heads(self) -> tuple[bytes, ...]:
        """The hashes that nothing follows yet, sorted."""
        return self.doc.heads()

    @property
    def changes(self) -> int:
        """How many logged changes are in it (the genesis is computed, not logged)."""
        return len(self.history.changes) - 1

    def check(self, case: Case) -> list[InspectedChange]:
        """Check changes from elsewhere against what they follow here.

        Whatever passes counts as known to `check` from now on: a document of which then not all of
        that is taken in is to be dropped.

        Returns:
            Those whose deps are neither here nor among them.
        """
        if self._ancestry is None:
            self._ancestry = Ancestry(self.id)
        for change in self.history.changes[len(self._ancestry) :]:
            self._ancestry.add(change)
        return case.check(self._ancestry)

    def take(self, case: Case) -> bool:
        """Take in what passed the check, by a turn through the document's file (`verdicts`).

        Returns:
            Whether all of it was taken; if not, the document is spoiled and to be dropped.
        """
        hashes = [*self.history.position, *(c.hash for c in case.passing)]
        turned = tried(self.doc, case.passing, hashes)
        if turned is None:
            return False
        self.doc = turned.doc
        for change in case.passing:
            self.history.add(ChangeInfo.of(change))
        return True

    def apply(self, changes: Sequence[InspectedChange]) -> None:
        """Take in changes whose dependencies are here or among them, in causal order."""
        self.doc.apply(changes)
        for change in changes:
            self.history.add(ChangeInfo.of(change))

    def edit(
        self,
        write: Callable[[Writer], None],
        stamp: Stamp,
        *,
        new_actor: Callable[[], bytes],
        actor: bytes | None = None,
        at: Sequence[bytes] | None = None,
    ) -> InspectedChange | None:
        """Write one change on top of the heads that the writer saw; None if nothing came of it.

        Args:
            write: does the edit.
            stamp: who writes and when.
            new_actor: makes 16 bytes that were never used, where another actor is needed.
            actor: one that was derived, for this edit alone; None = the one of the last edit.
            at: the heads that the writer saw; None is the present.
        """
        goes_on = actor is None and (at is None or tuple(sorted(at)) == self.heads)
        change = self.doc.edit(
            write, stamp, actor=actor or (goes_on and self._actor()) or new_actor(), at=at
        )
        if change is not None:
            info = ChangeInfo.of(change)
            self.history.add(info)
            if goes_on:
                self._own = info
        return change

    def _actor(self) -> bytes | None:
        """The actor of the last edit, where all that it ever wrote is known to be in here."""
        own = self._own
        if own is None or self._process != os.getpid():  # a copy of this process has it too
            return None
        return own.actor if self.history.last_of(own.actor) is own else None

    def state(self) -> DocState:
        """Everything that the document says now."""
        return read_state(self.doc, self.id, self.history, self.touches, self._runs)

    def know_footprints(self, found: Mapping[RunName, Footprint]) -> None:
        """Take over what runs of its changes touched, as it was worked out before."""
        self._runs.footprints.update(found)
        self._footprints_known = len(self._runs.footprints)

    def new_footprints(self) -> dict[RunName, Footprint]:
        """What was worked out since that was taken over, or asked for here."""
        names = list(self._runs.footprints)[self._footprints_known :]
        self._footprints_known = len(self._runs.footprints)
        return {name: self._runs.footprints[name] for name in names}

    def field_writers(self, field: str) -> dict[bytes, Any]:
        """The value that each change left in a field which stands there now, by its hash."""
        live = live_values(self.doc, self.id, self.history, self.touches, field)
        writers = {op: self.history.writer_of(op) for op in live}
        return {writer.hash: live[op] for op, writer in writers.items() if writer is not None}

    def state_at(self, heads: Sequence[bytes]) -> DocState:
        """Everything that the document said at a version."""
        return read_version(self.doc, self.id, self.history, heads)

    def text_version(self, heads: Sequence[bytes]) -> str:
        """The change (in hex) that left the text as it is at some heads; empty if it is not one."""
        while len(heads) == 1:
            change = self.history.changes[self.history.position[heads[0]]]
            if self.touches.text(change) or not change.deps:
                return change.hash.hex()
            heads = change.deps
        return ""

    def text_writers(self, since: Sequence[bytes]) -> list[tuple[str, str]]:
        """Say who (person, device) wrote in the text after some heads; each once, the first first.

        Heads that are not here any more (what they follow was taken back) have seen nothing.
        """
        known = [head for head in since if head in self.history.position]
        news = (
            change.stamp
            for change in self.history.changes[1:]
            if change.hash not in known
            and not any(self.history.precedes(change.hash, head) for head in known)
            and self.touches.text(change)
        )
        return list(dict.fromkeys((stamp.person, stamp.device) for stamp in news))

    def version(self, prefix: str) -> bytes:
        """Find a change by a prefix of its hash.

        Raises:
            NotFound, Ambiguous: none or several fit.
        """
        wanted = prefix.strip().lower()
        fitting = [c.hash for c in self.history.changes[1:] if c.hash.hex().startswith(wanted)]
        if not wanted or not fitting:
            raise NotFound(f"There is no version {prefix!r}; `cairn history` lists them.")
        if len(fitting) > 1:
            raise Ambiguous(
                f"{prefix!r} fits {len(fitting)} versions; write more of it.",
                matches=tuple(h.hex()[:12] for h in fitting[:5]),
            )
        return fitting[0]
