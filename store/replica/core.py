"""An open home: its database, who writes on it, one lock, and one transaction an act.

Two processes may have the same home open (DECISIONS D14): every act begins with an immediate
transaction, after which documents are caught up with the log; others learn of it by `poll`.
"""

import getpass
import os
import platform
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from store import log, offered_again, spaces
from store.change_set import BY_ITSELF, ChangeSet
from store.commands.document_cache import DocumentCache
from store.commands.finals import UNRECORDED
from store.commands.undoing import record_final
from store.commands.unit_of_work import UnitOfWork, World
from store.database.connection import Database
from store.database.meta import read_meta, write_meta
from store.domain.errors import InvalidValue
from store.domain.fields import validated_name
from store.domain.ids import ReplicaId, new_replica_id, new_space_id

DATABASE: Final = "cairn.db"
PERSONAL: Final = "Personal"
NOT_RECORDED: Final = "this act was not recorded"

Listener = Callable[[ChangeSet], None]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who writes on this replica: names for display, and the replica's id."""

    person: str
    device: str
    replica_id: ReplicaId


class ReplicaCore:
    """The home as such. Methods may be called from any thread; acts queue at one lock."""

    def __init__(
        self,
        home: Path,
        database: Database,
        clock_ms: Callable[[], int],
        entropy: Callable[[int], bytes],
    ) -> None:
        """Use `Replica.open`."""
        self.home = home
        self.db = database
        self._clock_ms = clock_ms
        self._entropy = entropy
        self._lock = threading.RLock()
        self._cache = DocumentCache()
        self._listeners: list[Listener] = []
        self._made = threading.local()
        self._make_home()
        self._seen_version = database.data_version()

    def close(self) -> None:
        """Close the home. What was written is durable already."""
        with self._lock:
            self._cache.clear()
            self.db.close()

    # -- who ----------------------------------------------------------------------------------

    @property
    def identity(self) -> Identity:
        """Who writes here."""
        with self.db.read() as conn:
            person, device = read_meta(conn, "person"), read_meta(conn, "device")
            replica_id = read_meta(conn, "replica_id")
        assert replica_id is not None, "a home is made with its identity"
        return Identity(person or "", device or "", ReplicaId(replica_id))

    def set_replica_id(self, replica_id: ReplicaId) -> None:
        """Take a new replica id: this home was copied or restored (DECISIONS D18)."""
        from store.ledger.contact import forget_contacts

        with self._lock, self.db.write() as conn:
            write_meta(conn, "replica_id", replica_id)
            forget_contacts(conn)
            offered_again.forget_all(conn)
            self._cache.clear()  # the copy may be of this process too, with the actors it uses

    # -- acts ---------------------------------------------------------------------------------

    @contextmanager
    def act(self, initiator: str = "") -> Iterator[UnitOfWork]:
        """One act: what is done with the unit of work is durable after the block, or not at all.

        Whatever a person does can be taken back, or says why not. An act that changes something and
        was not recorded (`store.commands.undoing`) is a fault of ours, of which Python warns; our
        tests make an error of that. The person's work is kept all the same, and undo says that it
        has no way back. What the program does by itself has one of the `BY_ITSELF` initiators.
        """
        work: UnitOfWork | None = None
        with self._lock:
            try:
                with self.db.write() as conn:
                    person, device = read_meta(conn, "person"), read_meta(conn, "device")
                    world = World(person or "", device or "", self._clock_ms, self._entropy)
                    work = UnitOfWork(conn, self._cache, world, initiator)
                    yield work
                    changed = work.finish()
                    is_persons = bool(changed.docs or changed.topics) and initiator not in BY_ITSELF
                    if is_persons and not work.has_way_back:
                        warnings.warn(NOT_RECORDED, RuntimeWarning, stacklevel=3)
                        record_final(work, UNRECORDED)
            except BaseException:
                if work is not None:
                    work.abandon()
                raise
        if work.made is not None:
            self._made.act = work.made
        if changed.docs or changed.topics:
            self.announce(changed)

    def made_act(self) -> tuple[int, str] | None:
        """Give number (for `undo`) and label of the act that this thread made last; once."""
        made: tuple[int, str] | None = getattr(self._made, "act", None)
        self._made.act = None
        return made

    # -- watching -----------------------------------------------------------------------------

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Hear of every commit, from the thread that made it.

        Returns:
            A function that ends it.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def announce(self, changed: ChangeSet) -> None:
        """Tell all listeners what moved."""
        for listener in tuple(self._listeners):
            listener(changed)

    def poll(self) -> bool:
        """Notice whether another process wrote; if so, tells the listeners."""
        version = self.db.data_version()
        if version == self._seen_version:
            return False
        self._seen_version = version
        self.announce(ChangeSet(initiator="other-process", is_unknown=True))
        return True

    # -- the first time -------------------------------------------------------------------------

    def _make_home(self) -> None:
        with self.db.read() as conn:
            if read_meta(conn, "replica_id") is not None:
                return
        with self.db.write() as conn:
            if read_meta(conn, "replica_id") is not None:
                return  # another process was faster
            write_meta(conn, "person", _name_or(_user_name(), "me"))
            write_meta(conn, "device", _name_or(platform.node(), "device"))
            space = new_space_id(self._entropy(16))
            log.create_space(conn, space, PERSONAL, self._entropy(16), self._clock_ms(), "local")
            spaces.set_current(conn, space)
            write_meta(conn, "replica_id", new_replica_id(self._entropy(16)))


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such user on this system
        return os.environ.get("USER", "")


def _name_or(name: str, fallback: str) -> str:
    try:
        return validated_name("name", name)
    except InvalidValue:
        return fallback
