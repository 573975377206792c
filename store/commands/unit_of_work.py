"""One act: documents are edited, the log gains rows, projections follow, all in one transaction.

Local edits and remote changes go through here alike. If anything is refused, the transaction is
rolled back and every document that was touched is dropped from the cache, so that memory never runs
ahead of what is durable.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from store import log
from store.change_set import ChangeSet, Topic
from store.commands.checks import ensure_room
from store.commands.content import Content
from store.commands.document_cache import DocumentCache, save_snapshot
from store.commands.kept_footprints import save_footprints
from store.documents.binding import Writer
from store.documents.initial import initial_changes
from store.documents.inspect import InspectedChange, inspect_change
from store.documents.open_doc import OpenDoc
from store.documents.schema import genesis_hash, genesis_ops, object_ids
from store.documents.state import DocState
from store.domain.errors import NotFound
from store.domain.ids import DocId, EventId, Kind, SpaceId, new_doc_id, new_event_id
from store.domain.ledger.ids import KEY_ENTROPY_BYTES, new_key
from store.domain.stamp import Stamp
from store.domain.weight import ITEM_BYTES_FOR_ACTS
from store.errors import DocumentCorrupt
from store.log import LogWriter
from store.measures.conflicts import opened_conflicts
from store.measures.recording import record
from store.measures.samples import Samples
from store.peers import offer_from, server_of
from store.projections import forget, project_many

ACTOR_BYTES = 16
_OF_ITEMS: Final[tuple[Topic, ...]] = ("items", "conflicts", "sync")


@dataclass(frozen=True, slots=True)
class World:
    """What an act takes from outside: who writes, the clock, and randomness."""

    person: str
    device: str
    clock_ms: Callable[[], int]
    entropy: Callable[[int], bytes]


@dataclass
class UnitOfWork:
    """One transaction's worth of edits. Made by the replica; ends with `finish`."""

    conn: sqlite3.Connection
    cache: DocumentCache
    world: World
    initiator: str = ""
    touched: dict[DocId, SpaceId] = field(default_factory=dict)
    ledgers: set[SpaceId] = field(default_factory=set)
    made: tuple[int, str] | None = None  # number and label of what can be taken back, once kept
    has_way_back: bool = False  # or says that there is none
    told: set[Topic] = field(default_factory=set)  # what reads differently beside all that
    samples: Samples = field(default_factory=Samples)
    _listed: set[SpaceId] = field(default_factory=set)
    _writers: dict[SpaceId, LogWriter] = field(default_factory=dict)
    _read: dict[DocId, DocState] = field(default_factory=dict)
    _stamp: Stamp | None = None

    @property
    def stamp(self) -> Stamp:
        """Who writes, and the moment of this act: one for all of its changes."""
        if self._stamp is None:
            self._stamp = Stamp(self.world.person, self.world.device, self.world.clock_ms())
        return self._stamp

    def goes_on(self, stamp: Stamp) -> None:
        """Be a further part of an act that began in a transaction before this one."""
        self._stamp = stamp

    def new_event_id(self) -> EventId:
        """A fresh id for an entry of an append-only map."""
        return new_event_id(self.world.entropy(16))

    def new_key(self) -> str:
        """A fresh key under which something is asked of an authority."""
        return new_key(self.stamp.at_ms, self.world.entropy(KEY_ENTROPY_BYTES))

    def open(self, doc_id: DocId) -> OpenDoc:
        """Open a document as it stands inside this act."""
        if doc_id in self.touched:
            self.flush()
        return self.cache.open(self.conn, doc_id)

    def space_of(self, doc_id: DocId) -> SpaceId:
        """The space that a document belongs to; raises NotFound."""
        if doc_id in self.touched:
            return self.touched[doc_id]
        row = self.conn.execute("SELECT space FROM doc WHERE id = ?", (doc_id,)).fetchone()
        if row is None:
            raise NotFound(f"There is no item {doc_id} on this device.")
        return SpaceId(row[0])

    def create(self, space: SpaceId, kind: Kind, content: Content) -> DocId:
        """Make a document with its first content, encoded straight into changes."""
        doc_id = new_doc_id(kind, self.world.entropy(16))
        actor = self.world.entropy(ACTOR_BYTES)
        self.write_initial(space, doc_id, actor, content, self.stamp)
        return doc_id

    def write_initial(
        self, space: SpaceId, doc_id: DocId, actor: bytes, content: Content, stamp: Stamp
    ) -> list[InspectedChange]:
        """Log a document's first changes; nothing of it may be logged yet."""
        raws = initial_changes(
            deps=(genesis_hash(doc_id),),
            start_op=genesis_ops(doc_id) + 1,
            actor=actor,
            objects=object_ids(doc_id),
            fields=content.fields,
            map_entries=content.entries,
            text=content.body,
            stamp=stamp,
        )
        changes = [inspect_change(raw) for raw in raws]
        for change in changes:
            self.log_change(space, doc_id, change, origin=None)
        return changes

    def edit(
        self,
        doc_id: DocId,
        write: Callable[[Writer], None],
        *,
        at: Sequence[bytes] | None = None,
        by: tuple[bytes, Stamp] | None = None,
    ) -> InspectedChange | None:
        """Write one change; None where nothing came of it.

        Args:
            doc_id: the document.
            write: does the edit.
            at: the heads that the writer saw; None is the present.
            by: an import's derived actor and stamp; None is this act's author.

        Raises:
            TooManyEdits: others could not take the document any more.
        """
        space = self.space_of(doc_id)
        doc = self.open(doc_id)
        ensure_room(doc, spare_bytes=ITEM_BYTES_FOR_ACTS)
        self.touched[doc_id] = space  # before the edit: memory may run ahead from here on
        actor, stamp = by or (None, self.stamp)
        change = doc.edit(write, stamp, actor=actor, new_actor=self._new_actor, at=at)
        if change is not None:
            appended = self.log_change(space, doc_id, change, origin=None)
            if by is None and appended.verdict != log.Verdict.ACCEPTED:
                # Memory and log don't fit. What is raised drops both, and the actor with them.
                raise DocumentCorrupt(doc_id, f"its log does not take an edit ({appended.verdict})")
        return change

    def _new_actor(self) -> bytes:
        return self.world.entropy(ACTOR_BYTES)

    def log_change(
        self, space: SpaceId, doc_id: DocId, change: InspectedChange, *, origin: str | None
    ) -> log.Appended:
        """Append one change to the space's log.

        One that was withdrawn has its old place there, which peers had passed without it.
        """
        appended = self._writer(space).append(doc_id, change, origin=origin)
        self._read.pop(doc_id, None)
        if appended.verdict == log.Verdict.ACCEPTED:
            self.touched[doc_id] = space
        if appended.is_readopted and appended.seq is not None:
            offer_from(self.conn, space, appended.seq, but=origin)
        return appended

    def confirm(
        self, space: SpaceId, doc_id: DocId, hashes: Iterable[bytes], *, origin: str
    ) -> None:
        """Note who sent changes that are logged already: the space's server has them then."""
        if self._writer(space).confirm(doc_id, hashes, origin=origin):
            self.touched[doc_id] = space  # its mark reads differently

    def log_of(self, space: SpaceId) -> LogWriter:
        """The writer of a space's log, for acts of its authority."""
        self.ledgers.add(space)
        return self._writer(space)

    def list_log_of(self, space: SpaceId) -> LogWriter:
        """The writer of a space's log, for statements about its members."""
        self._listed.add(space)
        return self._writer(space)

    def withdraw(self, doc_id: DocId, changes: Iterable[bytes]) -> set[bytes]:
        """Take logged changes of a document out of it, with what follows them (DECISIONS D20).

        Returns:
            The hashes of all that is out now.
        """
        gone = self._writer(self.space_of(doc_id)).withdraw(doc_id, changes)
        self._reload(doc_id)
        return gone

    def bring_back(self, doc_id: DocId, changes: Iterable[bytes]) -> set[bytes]:
        """Put withdrawn changes back into their document.

        Returns:
            The hashes of those that were out.

        Raises:
            Refused: what one of them follows is still out.
        """
        back = self._writer(self.space_of(doc_id)).bring_back(doc_id, changes)
        self._reload(doc_id)
        return back

    def _reload(self, doc_id: DocId) -> None:
        """Read a document from the log again, as rows of it went or came back."""
        self.conn.execute("DELETE FROM snapshot WHERE doc = ?", (doc_id,))
        self.conn.execute("DELETE FROM footprint WHERE doc = ?", (doc_id,))
        self.cache.drop(doc_id)
        self._read.pop(doc_id, None)
        self.touched[doc_id] = self.space_of(doc_id)

    def state(self, doc_id: DocId) -> DocState:
        """What a document says inside this act."""
        return self.open(doc_id).state()

    def take_in(self, doc: OpenDoc) -> None:
        """Hold a document as it is after what was just logged, and read what it says meanwhile.

        A batch may have more documents than are held open: its end would open them once more.
        """
        self.cache.keep(doc)
        self._read[doc.id] = self._read_whole(doc)

    def finish(self) -> ChangeSet:
        """Bring rows up to date with the documents that moved; the caller commits."""
        self.flush()
        states: dict[SpaceId, list[DocState]] = {}
        for doc_id, space in self.touched.items():
            state = self._read.get(doc_id) or self._state_for_rows(doc_id)
            if state is None:
                forget(self.conn, doc_id)
            else:
                states.setdefault(space, []).append(state)
        with opened_conflicts(self.conn, self.touched, self.samples):
            for space, moved in states.items():
                project_many(self.conn, space, moved)
        if self.samples:
            record(self.conn, self.samples, self.stamp.at_ms)
        return ChangeSet(
            docs=frozenset(self.touched),
            topics=self._topics(),
            spaces=frozenset(self.touched.values()) | self.ledgers | self._listed,
            initiator=self.initiator,
        )

    def _topics(self) -> frozenset[Topic]:
        topics = {*self.told, *_OF_ITEMS} if self.touched else set(self.told)
        if self.ledgers:
            topics |= {"ledger", "conflicts", "sync"}
        if self._listed:
            topics |= {"spaces", "sync"}
        return frozenset(topics)

    def _writer(self, space: SpaceId) -> LogWriter:
        writer = self._writers.get(space)
        if writer is None:
            server = server_of(self.conn, space)
            writer = self._writers[space] = LogWriter(
                self.conn,
                space,
                now_ms=self.world.clock_ms(),
                server=server.id if server else None,
            )
        return writer

    def _state_for_rows(self, doc_id: DocId) -> DocState | None:
        """What a document says; None where all of it was taken back, so that there is none."""
        doc = self.cache.open(self.conn, doc_id)
        if not doc.changes:
            return None
        return self._read_whole(doc)

    def _read_whole(self, doc: OpenDoc) -> DocState:
        """Read what a document says, and keep what makes that faster the next time."""
        save_snapshot(self.conn, doc)
        state = doc.state()
        save_footprints(self.conn, doc)
        return state

    def abandon(self) -> None:
        """Forget the memory of everything that this act touched; the caller rolls back."""
        for doc_id in self.touched:
            self.cache.drop(doc_id)

    def flush(self) -> None:
        """Write the log's end and the heads of what was appended, for reads inside this act."""
        for writer in self._writers.values():
            writer.flush()
