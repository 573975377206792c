"""The one door to Automerge. What the binding gets wrong can't be reached through it.

Each trap, and what stands in its way here:

- a panic is a `BaseException` and may poison the document: every call runs inside `_guarded()`,
  which turns panics and the binding's bare exceptions into `DocumentCorrupt`; its owner then drops
  it;
- a document freed inside a transaction crashes the process, and an empty commit leaves an actor
  behind that other implementations choke on: the kept document never holds a transaction (DECISIONS
  D1). An edit runs on a throwaway fork; its one change gets its author and time, and only that
  change is applied to the kept document;
- a change that does not fit is dropped in silence by the sync message that carries it: after
  applying, the heads must be those that the changes' own headers promise;
- unknown heads are ignored in silence by reads: they are checked against the known hashes first;
- a fork of older heads takes minutes where a long history has branches (the binding queues its
  changes in the wrong order): it is loaded from the changes themselves;
- counters, floats as keys and other values that the binding can't read back are refused beforehand;
- text is inserted one code point at a time: a longer string would become one undividable element.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from automerge.core import (
    ROOT,
    Document,
    Message,
    ObjType,
    ScalarType,
    SyncState,
    Transaction,
    extract,
)

from store.documents.codec import write_leb128
from store.documents.header import stamped
from store.documents.inspect import InspectedChange, inspect_change
from store.domain.stamp import Stamp
from store.errors import DocumentCorrupt

OpId = tuple[int, bytes]
"""Identity of one operation: (Lamport counter, actor). Orders writes, the same on every device."""

Scalar = str | int | bool | None

ROOT_OBJECT: Final = ROOT
SOME: Final = "a document"
_ACTOR_BYTES: Final = 16
_INT_MAX: Final = 2**53  # what a JavaScript peer can read exactly


def object_id(op: OpId) -> bytes:
    """Name an object by the operation that made it, as the binding wants it."""
    counter, actor = op
    return b"\x10" + write_leb128(len(actor)) + actor + b"\x00" + write_leb128(counter)


def op_id(raw: bytes) -> OpId:
    """Read the operation out of the binding's id: version, actor, actor index (a hint), counter."""
    length = raw[1]
    i = 2 + length
    actor = raw[2:i]
    while raw[i] & 0x80:
        i += 1
    i += 1
    counter = shift = 0
    while True:
        byte = raw[i]
        counter |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return counter, actor
        i += 1
        shift += 7


@contextmanager
def _guarded(name: str) -> Iterator[None]:
    """Turn what the binding throws, panics included, into `DocumentCorrupt`."""
    try:
        yield
    except (DocumentCorrupt, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:  # a Rust panic is no Exception
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise DocumentCorrupt(name, said) from None
        raise


class Writer:
    """What one edit may do to a fork. Made by `Doc.edit`, not kept beyond it."""

    def __init__(self, transaction: Transaction) -> None:
        """Wrap the fork's open transaction."""
        self._transaction = transaction

    def put(self, obj: bytes, key: str, value: Scalar) -> None:
        """Write a key of a map, also when it holds an equal value (which Automerge then drops)."""
        kind, plain = _typed(value)
        self._transaction.put(obj, key, kind, plain)

    def delete(self, obj: bytes, key: str) -> None:
        """Remove a key of a map. Only for reopening a conflict; fields are cleared with null."""
        self._transaction.delete(obj, key)

    def splice(self, obj: bytes, index: int, removed: int, inserted: str) -> None:
        """Remove code points of a text at `index`, then insert there; one operation each."""
        for _ in range(removed):
            self._transaction.delete(obj, index)
        for offset, character in enumerate(inserted):
            self._transaction.insert(obj, index + offset, ScalarType.Str, character)


class Doc:
    """A kept document: it is read, takes in changes, and never holds a transaction.

    Not thread-safe; its owner holds one lock.
    """

    def __init__(self, inner: Document, hashes: set[bytes], name: str) -> None:
        """Use `Doc.load`."""
        self.name = name
        self._inner = inner
        self._hashes = hashes

    @classmethod
    def load(
        cls, chunks: Sequence[bytes], hashes: Iterable[bytes] | None = None, name: str = SOME
    ) -> "Doc":
        """Open a document from its genesis or snapshot and any changes, in any order.

        Args:
            chunks: change or snapshot bytes; at least one.
            hashes: the hashes of all changes inside, where the caller knows them.
            name: what to call it where something is wrong: its id.

        Raises:
            DocumentCorrupt: bytes that Automerge refuses, or none at all.
        """
        if not chunks or not all(chunks):
            raise DocumentCorrupt(name, "there are no bytes")
        with _guarded(name):
            inner = Document.load(b"".join(chunks))
            known = (
                {bytes(c.hash) for c in inner.get_changes([])} if hashes is None else set(hashes)
            )
        return cls(inner, known, name)

    # -- reading ------------------------------------------------------------------------------

    def heads(self) -> tuple[bytes, ...]:
        """The hashes that nothing follows yet, sorted."""
        with _guarded(self.name):
            return tuple(sorted(bytes(h) for h in self._inner.get_heads()))

    def knows(self, change: bytes) -> bool:
        """Whether a change is in this document."""
        return change in self._hashes

    def get(
        self, obj: bytes, key: str, at: Sequence[bytes] | None = None
    ) -> tuple[Any, OpId] | None:
        """The shown value of a map key with the operation that wrote it; None where there is none.

        A text object that a JavaScript peer put in place of a string reads as that string.
        """
        heads = self._checked(at)
        with _guarded(self.name):
            found = self._inner.get(obj, key, heads)
            if found is None:
                return None
            value, raw = found
            if not isinstance(value, tuple):
                plain = self._inner.text(raw, heads) if value == ObjType.Text else None
                return plain, op_id(raw)
            return _plain(value), op_id(raw)

    def entries(self, obj: bytes, at: Sequence[bytes] | None = None) -> dict[str, tuple[Any, OpId]]:
        """All keys of a map with their shown values and the operations that wrote them."""
        heads = self._checked(at)
        with _guarded(self.name):
            keys = self._inner.keys(obj, heads)
            values = self._inner.values(obj, heads)
        return {
            key: (_plain(value) if isinstance(value, tuple) else None, op_id(raw))
            for key, (value, raw) in zip(keys, values, strict=True)
        }

    def text(self, obj: bytes, at: Sequence[bytes] | None = None) -> str:
        """A text object as a string, code point for code point."""
        heads = self._checked(at)
        with _guarded(self.name):
            return str(self._inner.text(obj, heads))

    def elements(self, obj: bytes, at: Sequence[bytes] | None = None) -> list[tuple[str, bytes]]:
        """A text object as (character, id of its insertion); ids compare within this document."""
        heads = self._checked(at)
        with _guarded(self.name):
            return [
                (str(value[1]) if isinstance(value, tuple) else "", raw)
                for value, raw in self._inner.values(obj, heads)
            ]

    def extract(self) -> Any:
        """The whole document as plain values. Reads everything: used to try a stranger's bytes."""
        with _guarded(self.name):
            return extract(self._inner)

    def save(self) -> bytes:
        """The document as an Automerge file."""
        with _guarded(self.name):
            return bytes(self._inner.save())

    # -- writing ------------------------------------------------------------------------------

    def apply(self, changes: Sequence[InspectedChange]) -> None:
        """Take in changes whose dependencies are here or among them; known ones are ignored.

        Raises:
            DocumentCorrupt: one of them did not take. The document may be half changed: drop it.
        """
        fresh = [c for c in changes if c.hash not in self._hashes]
        if not fresh:
            return
        expected = set(self.heads())
        for change in fresh:
            expected.difference_update(change.deps)
        expected.update(c.hash for c in fresh)
        for change in fresh:
            expected.difference_update(change.deps)
        with _guarded(self.name):
            self._inner.receive_sync_message(SyncState(), Message.decode(_carrier(fresh)))
        if set(self.heads()) != expected:
            raise DocumentCorrupt(self.name, "a change does not fit it")
        self._hashes.update(c.hash for c in fresh)

    def edit(
        self,
        write: Callable[[Writer], None],
        stamp: Stamp,
        *,
        actor: bytes,
        at: Sequence[bytes] | None = None,
    ) -> InspectedChange | None:
        """Write on a fork and take the one change that comes of it.

        Args:
            write: does the edit; what it raises leaves the document as it was.
            stamp: who writes and when; goes into the change's header, inside its hash.
            actor: 16 bytes: fresh ones, or of an actor all of whose changes the writer saw.
            at: the heads that the writer saw; None is the present.

        Returns:
            The change, applied here already, or None where nothing came of it.
        """
        if len(actor) != _ACTOR_BYTES:
            raise ValueError("an actor is 16 bytes")
        heads = self._checked(at)
        refused: Exception | None = None
        with _guarded(self.name):
            fork = self._inner.fork() if heads is None else self._at(heads)
            fork.set_actor(actor)
            before = fork.get_heads()
            with fork.transaction() as transaction:
                try:
                    write(Writer(transaction))
                except Exception as error:  # noqa: BLE001 - carried out of the transaction whole
                    refused = error
            made = [] if refused else fork.get_changes(before)
            raws = [bytes(c.raw_bytes) for c in made if bytes(c.actor_id) == actor]
        if refused is not None:
            raise refused
        if not raws:
            return None
        (raw,) = raws
        change = inspect_change(stamped(raw, stamp))
        self.apply([change])
        return change

    def _at(self, heads: Sequence[bytes]) -> Document:
        """Make a document of those changes that heads have seen."""
        if set(heads) == set(self.heads()):
            return self._inner.fork()
        wanted, seen = set(heads), []
        for change in reversed(self._inner.get_changes([])):  # causes come before their effects
            if bytes(change.hash) in wanted:
                wanted.update(bytes(dep) for dep in change.deps)
                seen.append(bytes(change.raw_bytes))
        return Document.load(b"".join(reversed(seen)))

    def _checked(self, at: Sequence[bytes] | None) -> list[bytes] | None:
        if at is None:
            return None
        for head in at:
            if head not in self._hashes:
                raise DocumentCorrupt(self.name, "a version of it is not on this device")
        return list(at)


def trial_load(base: Sequence[bytes], new: Sequence[InspectedChange], name: str = SOME) -> Doc:
    """Open a document with a stranger's changes, read it all, and open what it saves once more.

    Some changes with a sound checksum are taken, saved, and then refuse to load: only a whole turn
    tells (field guide, section 2).

    Raises:
        DocumentCorrupt: at any step.
    """
    doc = Doc.load(base, name=name)
    doc.apply(new)
    doc.extract()
    Doc.load([doc.save()], hashes=(), name=name)
    return doc


def _carrier(changes: Sequence[InspectedChange]) -> bytes:
    """A sync message made by hand that carries changes and says nothing else."""
    head = b"\x42" + write_leb128(0) * 3 + write_leb128(len(changes))
    return head + b"".join(write_leb128(len(c.raw)) + c.raw for c in changes)


def _typed(value: Scalar) -> tuple[ScalarType, Scalar]:
    # bool before int: it is a subclass.
    if value is None:
        return ScalarType.Null, None
    if isinstance(value, bool):
        return ScalarType.Boolean, value
    if isinstance(value, str):
        return ScalarType.Str, value
    if abs(value) < _INT_MAX:
        return ScalarType.Int, value
    raise ValueError(f"a field can't hold {type(value).__name__}")


def _plain(typed: tuple[Any, Any]) -> Any:
    kind, value = typed
    if kind == ScalarType.Bytes:
        return bytes(value).hex()
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return str(value)  # a date made by another program


__all__: Final[Sequence[str]] = (
    "ROOT_OBJECT",
    "Doc",
    "OpId",
    "Scalar",
    "Writer",
    "object_id",
    "op_id",
    "trial_load",
)
