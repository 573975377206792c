"""Records of what people settled, kept in the document so that they travel (DECISIONS D8).

    settlements/<record id> → {"type": "settle", "conflict", "kind", "field", "base", "sides",
    "value"}
                              {"type": "reopen", "of": record id, "conflict", "base", "writes":
                              {hash: stamp}}

A settlement that some `reopen` names is void: whatever it wrote as an event no longer counts, and
the conflict that it closed is open again. `writes` says whose a value really is when reopening had
to write it anew.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from store.documents.binding import Doc, OpId, object_id
from store.documents.history import History
from store.documents.schema import object_ids
from store.domain.ids import DocId
from store.domain.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Record:
    """One settlement or its taking back, with the change that wrote it."""

    id: str
    type: str
    conflict: str
    said: Mapping[str, Any]
    change: bytes
    op: OpId
    stamp: Stamp


class Settlements:
    """All records of one document."""

    def __init__(self, records: tuple[Record, ...]) -> None:
        """Take records in op-id order; use `read_settlements`."""
        self.records = records
        self.void: frozenset[str] = frozenset(
            str(r.said.get("of")) for r in records if r.type == "reopen"
        )
        self._standing: dict[str, list[Record]] = {}
        for record in records:
            if record.type == "settle" and record.id not in self.void:
                self._standing.setdefault(record.conflict, []).append(record)
        self._writers: dict[str, Stamp] = {}
        self._bases: dict[str, Any] = {}
        for record in records:
            if record.type == "reopen":
                stamps = _stamps(record.said.get("writes"))
                self._writers.update(stamps)
                self._bases.update(dict.fromkeys(stamps, record.said.get("base")))

    def standing(self, conflict: str) -> tuple[Record, ...]:
        """The settlements of a conflict that nobody took back, oldest first."""
        return tuple(self._standing.get(conflict, ()))

    def conflicts(self) -> tuple[str, ...]:
        """Ids of all conflicts that have a standing settlement, in the order of their first."""
        return tuple(self._standing)

    def author_of(self, change: bytes, header: Stamp) -> Stamp:
        """Whose a write is: the original author's where reopening had to write it anew."""
        return self._writers.get(change.hex(), header)

    @property
    def names_authors(self) -> bool:
        """Whether some write is not whose its header says."""
        return bool(self._writers)

    def base_of(self, changes: Iterable[bytes]) -> tuple[Any] | None:
        """What reopened writes started from, as a 1-tuple; None where one is no reopened write.

        Writes that several people reopened apart may have started from different values: then from
        no single one, in whatever order they are asked for.
        """
        names = [c.hex() for c in changes]
        if not names or any(n not in self._bases for n in names):
            return None
        bases = {(type(base).__name__, str(base)): base for base in map(self._bases.get, names)}
        return (next(iter(bases.values())) if len(bases) == 1 else None,)


def read_settlements(
    doc: Doc, doc_id: DocId, history: History, seen: Callable[[bytes], bool] = lambda _: True
) -> Settlements:
    """Read the records. What another program left there that is no record is passed over.

    Args:
        doc: the document.
        doc_id: its id.
        history: its changes.
        seen: whether a change was there at the version that is read.
    """
    records: list[Record] = []
    held = doc.entries(object_id(object_ids(doc_id)["settlements"]))
    for key, (value, op) in held.items():
        writer = history.writer_of(op)
        said = parsed(value)
        if writer is None or said is None or not seen(writer.hash):
            continue
        conflict, kind = said.get("conflict"), said.get("type")
        if isinstance(conflict, str) and isinstance(kind, str):
            records.append(Record(key, kind, conflict, said, writer.hash, op, writer.stamp))
    return Settlements(tuple(sorted(records, key=lambda r: r.op)))


def parsed(value: object) -> dict[str, Any] | None:
    """A JSON object out of an entry of an append-only map, or None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        said = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def compact(said: Mapping[str, Any]) -> str:
    """JSON as it is written into a document."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _stamps(writes: object) -> dict[str, Stamp]:
    if not isinstance(writes, dict):
        return {}
    found: dict[str, Stamp] = {}
    for change, by in writes.items():
        if isinstance(by, dict):
            person, device, at_ms = by.get("person"), by.get("device"), by.get("at_ms")
            if isinstance(person, str) and isinstance(device, str) and isinstance(at_ms, int):
                found[str(change)] = Stamp(person, device, at_ms)
    return found
