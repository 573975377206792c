"""What a person does: each method is one act, durable when it returns, and undone by `undo`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from store import spaces
from store.commands import items, moving, parking, settling, undoing, versions
from store.commands.drafting import (
    drop_held,
    flush_draft,
    flush_if_room,
    put_held_in,
    save_draft,
    waiting_drafts,
)
from store.commands.importing import import_items
from store.commands.inverse import Inverse
from store.commands.patches import NewTask, Patch
from store.commands.repeating import next_occurrence
from store.commands.settling import UNSET
from store.commands.undoing import Undone, record_act, record_final
from store.commands.unit_of_work import UnitOfWork
from store.domain.errors import NotFound, Refused, TooManyEdits
from store.domain.ids import ConflictId, DocId, SpaceId
from store.domain.stamp import Stamp
from store.imports import IMPORT_ACT, ImportItem, ImportResult
from store.replica.core import ReplicaCore

_IMPORT_BATCH: Final = 100  # items a transaction: progress shows, and other writers get their turn


class Writes(ReplicaCore):
    """The acts of a replica. All raise DomainError when a rule says no; then nothing changed."""

    def add_task(self, new: NewTask, *, space: str | None = None, initiator: str = "") -> DocId:
        """Add a task to a space (by name or id; None is the current one)."""
        with self.act(initiator) as act:
            doc_id = items.add_task(act, self._space(act, space), new)
            record_act(act, "add", [Inverse.of_trash(doc_id, "trash")])
        return doc_id

    def add_note(
        self,
        title: str,
        *,
        body: str = "",
        tags: Iterable[str] = (),
        space: str | None = None,
        initiator: str = "",
    ) -> DocId:
        """Add a note to a space."""
        with self.act(initiator) as act:
            doc_id = items.add_note(act, self._space(act, space), title, body, tuple(tags))
            record_act(act, "note", [Inverse.of_trash(doc_id, "trash")])
        return doc_id

    def edit(self, doc_id: DocId, patch: Patch, *, initiator: str = "") -> None:
        """Change fields, tags, text or place of an item."""
        self._undoable("edit", initiator, lambda act: items.edit(act, doc_id, patch))

    def transition(
        self,
        doc_id: DocId,
        type: str,
        *,
        reason: str | None = None,
        initiator: str = "",
    ) -> DocId | None:
        """Start, block, finish, cancel or reopen a task.

        Returns:
            The next task of a series that this one belonged to, if one was made.
        """
        following: DocId | None = None
        with self.act(initiator) as act:
            steps = items.transition(act, doc_id, type, reason)
            if type == "done":
                following = next_occurrence(act, doc_id, steps)
            record_act(act, type, steps)
        return following

    def trash(self, doc_id: DocId, *, initiator: str = "") -> None:
        """Put an item into the trash."""
        self._undoable("trash", initiator, lambda act: items.trash(act, doc_id))

    def restore(self, doc_id: DocId, *, initiator: str = "") -> None:
        """Take an item out of the trash."""
        self._undoable("restore", initiator, lambda act: items.restore(act, doc_id))

    def edit_all(self, docs: Iterable[DocId], patch: Patch) -> None:
        """Change several items alike, as one act."""
        self._undoable("edit", "", _each(docs, lambda act, doc: items.edit(act, doc, patch)))

    def transition_all(self, docs: Iterable[DocId], type: str) -> None:
        """Take several tasks through the same event, as one act; each must allow it."""

        def one(act: UnitOfWork, doc: DocId) -> list[Inverse]:
            steps = items.transition(act, doc, type, None)
            if type == "done":
                next_occurrence(act, doc, steps)
            return steps

        self._undoable(type, "", _each(docs, one))

    def trash_all(self, docs: Iterable[DocId]) -> None:
        """Put several items into the trash, as one act."""
        self._undoable("trash", "", _each(docs, items.trash))

    def restore_all(self, docs: Iterable[DocId]) -> None:
        """Take several items out of the trash, as one act."""
        self._undoable("restore", "", _each(docs, items.restore))

    def purge_trash(self, *, space: str | None = None) -> list[DocId]:
        """Empty the trash of one space, or of all: its items are in no list any more."""
        with self.act() as act:
            wanted = self._space(act, space) if space is not None else None
            rows = act.conn.execute(
                "SELECT doc FROM item WHERE trashed AND NOT purged AND (?1 IS NULL OR space = ?1)"
                " ORDER BY doc",
                (wanted,),
            ).fetchall()
            gone = [DocId(row[0]) for row in rows]
            items.purge(act, gone)
            if gone:
                record_final(act, "purge")
        return gone

    def resolve(
        self,
        conflict: ConflictId,
        *,
        take: int | None = None,
        value: Any = UNSET,
        initiator: str = "",
    ) -> DocId:
        """Settle a conflict for everyone; gives the item that it was about."""
        with self.act(initiator) as act:
            steps = settling.resolve(act, conflict, take=take, value=value)
            record_act(act, "resolve", steps)
        return steps[0].doc

    def resolve_all(self, taken: Sequence[tuple[ConflictId, int]]) -> list[DocId]:
        """Settle several conflicts, each by one of its sides, as one act: all or none.

        Args:
            taken: conflicts, each with the number of the side to take, from 0.
        """
        with self.act() as act:
            done = [
                step
                for conflict, number in taken
                for step in settling.resolve(act, conflict, take=number, value=UNSET)
            ]
            record_act(act, "resolve", done)
        return list(dict.fromkeys(step.doc for step in done))

    def unresolve(self, conflict: ConflictId, *, initiator: str = "") -> DocId:
        """Open a settled conflict again, for everyone."""
        with self.act(initiator) as act:
            steps = settling.unresolve(act, conflict)
            record_act(act, "unresolve", steps)
        return steps[0].doc

    def undo(self, number: int | None = None) -> Undone:
        """Take back this device's last act, or the one of a number (see `activity`, `made_act`).

        Raises:
            NothingToUndo: there is none. Refused: it can't be taken back; where it never can be any
                more, the next undo takes back what came before it. AskOthers: see there.
        """
        with self.act() as act:
            undone = undoing.undo(act, number)
        if undone.refusal:
            raise Refused(undone.refusal)
        return undone

    def redo(self) -> Undone:
        """Put back what was undone last."""
        with self.act() as act:
            return undoing.redo(act)

    def agreed(self, number: int) -> Undone:
        """Note that others agreed to what `undo` or `redo` of an act had to ask (`AskOthers`)."""
        with self.act() as act:
            return undoing.agreed(act, number)

    def note_role(self, device: str, space: str, *, now: str, before: str) -> None:
        """Remember that a device was let do something else in a space, and what it might before."""
        with self.act() as act:
            act.told.add("spaces")
            record_act(act, "role", [Inverse.of_role(device, space, now=now, before=before)])

    def note_final(self, label: str) -> None:
        """Remember something that was done elsewhere and can never be taken back (`FINALS`)."""
        with self.act() as act:
            record_final(act, label)

    def revert(self, doc_id: DocId, version: str) -> None:
        """Go back to a version of an item, as a new change."""
        self._undoable("revert", "", lambda act: versions.revert(act, doc_id, version))

    def move(self, doc_id: DocId, space: str) -> DocId:
        """Move an item to another space; gives the copy that is there."""
        with self.act() as act:
            copy, steps = moving.move(act, doc_id, self._space(act, space))
            record_act(act, "move", steps)
        return copy

    # -- drafts -------------------------------------------------------------------------------

    def save_draft(self, doc_id: DocId, text: str, base: tuple[bytes, ...]) -> None:
        """Keep what a text box says now, durably; `base` are the heads that it was loaded from."""
        with self._lock, self.db.write() as conn:
            row = conn.execute("SELECT space FROM doc WHERE id = ?", (doc_id,)).fetchone()
            if row is None:
                raise NotFound(f"There is no item {doc_id} on this device.")
            save_draft(conn, doc_id, text, base, space=row[0], now_ms=self._clock_ms())

    def flush_drafts(self, *, initiator: str = "") -> list[DocId]:
        """Turn all drafts into changes; gives the items that changed.

        Raises:
            TooManyEdits: an item takes no more. Its draft is kept, and all others are changes.
        """
        with self.db.read() as conn:
            waiting = waiting_drafts(conn)
        too_many: TooManyEdits | None = None
        for doc_id in waiting:
            try:
                self._flush_draft(doc_id, initiator)
            except TooManyEdits as error:
                too_many = error
        if too_many is not None:
            raise too_many
        return waiting

    def _flush_draft(self, doc_id: DocId, initiator: str) -> None:
        self._undoable("edit", initiator, lambda act: flush_draft(act, doc_id))

    def put_held_in(self, doc_id: DocId) -> DocId:
        """Turn a text that was taken back into a change; gives the item that has it now."""
        with self.act() as act:
            doc, steps = put_held_in(act, doc_id)
            record_act(act, "edit", steps)
        return doc

    def drop_held(self, doc_id: DocId) -> None:
        """Throw a text that was taken back away."""
        self._undoable("drop-held", "", lambda act: drop_held(act, doc_id))

    # -- imports ------------------------------------------------------------------------------

    def import_items(self, space: str | None, found: Iterable[ImportItem]) -> ImportResult:
        """Bring in items, a hundred a transaction; the same ones twice make them once (D12).

        However many transactions, it is one act, which one `undo` takes back.
        """
        result = ImportResult()
        began: Stamp | None = None
        for batch in _batches(found):
            with self.act() as act:
                if began is not None:
                    act.goes_on(began)
                began = act.stamp
                steps = import_items(act, self._space(act, space), batch, result)
                record_act(act, IMPORT_ACT, steps)
        return result

    # -- refused changes ------------------------------------------------------------------------

    def retry_parked(self, doc_id: DocId) -> None:
        """Offer an item's refused changes once more."""
        self._undoable("retry-refused", "", lambda act: parking.retry(act, doc_id))

    def take_back(self, doc_id: DocId) -> None:
        """Make an item again without its refused changes; what they said is kept as a draft."""
        with self.act() as act:
            typed = flush_if_room(act, doc_id)
            steps = parking.take_back(act, doc_id)
            record_act(act, "edit", typed)
            record_act(act, "take-back", steps)

    def salvage(self, doc_id: DocId) -> DocId:
        """Save a refused item as a new one."""
        with self.act() as act:
            typed = flush_if_room(act, doc_id)
            copy, steps = parking.salvage(act, doc_id)
            record_act(act, "edit", typed)
            record_act(act, "salvage", steps)
        return copy

    # -- inside -------------------------------------------------------------------------------

    def _undoable(
        self, label: str, initiator: str, steps: Callable[[UnitOfWork], list[Inverse]]
    ) -> None:
        with self.act(initiator) as act:
            record_act(act, label, steps(act))

    def _space(self, act: UnitOfWork, name: str | None) -> SpaceId:
        return SpaceId(spaces.find_space(act.conn, name).id)


def _each(
    docs: Iterable[DocId], do: Callable[[UnitOfWork, DocId], list[Inverse]]
) -> Callable[[UnitOfWork], list[Inverse]]:
    """Do the same to several items."""

    def steps(act: UnitOfWork) -> list[Inverse]:
        return [step for doc in docs for step in do(act, doc)]

    return steps


def _batches(found: Iterable[ImportItem]) -> Iterator[list[ImportItem]]:
    left = iter(found)
    while batch := list(islice(left, _IMPORT_BATCH)):
        yield batch
