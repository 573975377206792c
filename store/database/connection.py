"""The connections to one database file: one that writes, and some that read.

Every write is one `BEGIN IMMEDIATE`, begun in turn (`turns`); all waits are bounded and end in
`HomeBusy`. Commits are synced to the disk before they return (`synchronous=FULL`). Reads see one
moment of the file each; they queue for a turn only where writers keep them out.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from store.database.failures import explained, folder_failure, not_ours
from store.database.journal import Journal, linked_version, wanted_mode
from store.database.roles import CLIENT, Role
from store.database.turns import Turns
from store.errors import HomeBusy, HomeClosed, SchemaTooNew, StoreError

BUSY_TIMEOUT_MS: Final = 10_000
OUT_OF_TURN_MS: Final = 20  # until a reader that finds the file locked queues for its turn
READERS_IDLE_MAX: Final = 8  # more threads than this may read at once; their connections are closed
_STATEMENTS_CACHED: Final = 256  # above the number of statements that this program has
_CACHE_KIB: Final = 16_384

T = TypeVar("T")


class Database:
    """One SQLite file, opened and brought up to date.

    Threads may share it. A read inside one's own write goes through the writing connection, and
    sees what was just written.
    """

    def __init__(
        self,
        path: Path,
        role: Role = CLIENT,
        *,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        connection: type[sqlite3.Connection] = sqlite3.Connection,
    ) -> None:
        """Open the file, or make it with its folder.

        Args:
            path: the database file.
            role: what the file is for.
            busy_timeout_ms: how long to wait for other threads and processes.
            connection: the class of all connections; a test's own fails where a disk may fail.

        Raises:
            SchemaTooNew: a newer Cairn wrote it.
            HomeBusy, HomeCorrupt, HomeReadOnly, StorageFull, StorageFailed: it can't be used.
        """
        self.path = path
        self.role = role
        self._busy_timeout_ms = busy_timeout_ms
        self._connection_class = connection
        self._lock = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._writers_opened = 0
        self._journal_mode = ""
        self._writing_thread: int | None = None
        self._pool_lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._reading = threading.local()
        self._is_closed = False
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as failure:
            raise folder_failure(path, failure) from failure
        self._turns = Turns(path)
        try:
            self._patiently(self._open_first)
        except BaseException:
            self._turns.close()
            raise

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give the writing connection inside a transaction; commit at the end, or roll back.

        Raises:
            RuntimeError: this thread is already reading or writing (it would wait for itself).
            HomeBusy, HomeClosed, HomeCorrupt, HomeReadOnly, StorageFull, StorageFailed: nothing
                was written.
        """
        self._refuse_nesting()
        with self._turns.taken(self._busy_timeout_ms / 1000):
            connection = self._begin_writing()
        try:
            with explained(self.path):
                self._writing_thread = threading.get_ident()
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException as failure:
                    self._roll_back(connection, failure)
                    raise
                finally:
                    self._writing_thread = None
        finally:
            self._lock.release()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one moment of the file and can't write.

        Raises:
            HomeBusy, HomeClosed, HomeCorrupt, StorageFailed: the file can't be read.
        """
        current = self._connection_of_this_thread()
        if current is not None:
            yield current
            return
        connection = self._patiently(self._begun_reader)
        with explained(self.path):
            self._reading.connection = connection
            try:
                yield connection
            finally:
                self._reading.connection = None
                self._give_back(connection)

    def data_version(self) -> tuple[int, int]:
        """Give a value that differs once another process has written (DECISIONS D14).

        Own commits don't move it: it is read on the one connection that makes them.
        """
        if self._writing_thread == threading.get_ident():
            connection = self._write_connection(self._busy_timeout_ms)
            return self._writers_opened, _pragma(connection, "data_version")
        return self._patiently(self._version)

    def journal(self) -> Journal:
        """Say which journal the writing connection uses, for `doctor`."""
        return Journal(self._journal_mode, linked_version())

    def integrity_problems(self) -> list[str]:
        """Check every page and index; empty if all is well, else SQLite's own words, at most 20."""
        with self.read() as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]
        return [] if found == ["ok"] else found

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the database to a file that doesn't exist yet.

        Raises:
            HomeReadOnly, StorageFull, StorageFailed: the copy can't be written.
        """
        with self.read() as connection, explained(path):
            copy = sqlite3.connect(path, isolation_level=None)
            try:
                connection.backup(copy)
            finally:
                copy.close()

    def close(self) -> None:
        """Wait for the write in progress, then close every connection; may be called twice."""
        self._refuse_nesting()
        with self._lock, self._pool_lock:
            self._is_closed = True
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            while self._idle:
                self._idle.pop().close()
        self._turns.close()

    def _begin_writing(self) -> sqlite3.Connection:
        """Take the lock of this process and that of SQLite; whoever ends the write frees both."""
        if not self._lock.acquire(timeout=self._busy_timeout_ms / 1000):
            raise HomeBusy(self.path)
        try:
            with explained(self.path):
                connection = self._write_connection(self._busy_timeout_ms)
                connection.execute("BEGIN IMMEDIATE")
                return connection
        except BaseException:
            self._lock.release()
            raise

    def _begun_reader(self, patience_ms: int) -> sqlite3.Connection:
        """Take a reader that sees one moment from now on; whoever ends the read gives it back."""
        connection = self._take_reader(patience_ms)
        try:
            connection.execute(f"PRAGMA busy_timeout={patience_ms}")
            connection.execute("BEGIN")
            _pragma(connection, "schema_version")
        except BaseException:
            self._give_back(connection)
            raise
        return connection

    def _patiently(self, attempt: Callable[[int], T]) -> T:
        """Try something that needs no turn; where the file is locked again and again, in turn.

        Only a rollback journal keeps readers out; a write-ahead log never does.
        """
        try:
            with explained(self.path):
                return attempt(min(OUT_OF_TURN_MS, self._busy_timeout_ms))
        except HomeBusy:
            with self._turns.taken(self._busy_timeout_ms / 1000), explained(self.path):
                return attempt(self._busy_timeout_ms)

    def _version(self, patience_ms: int) -> tuple[int, int]:
        if not self._lock.acquire(timeout=patience_ms / 1000):
            raise HomeBusy(self.path)
        try:
            connection = self._write_connection(patience_ms)
            connection.execute(f"PRAGMA busy_timeout={patience_ms}")
            try:
                return self._writers_opened, _pragma(connection, "data_version")
            finally:
                connection.execute(f"PRAGMA busy_timeout={self._busy_timeout_ms}")
        finally:
            self._lock.release()

    def _open_first(self, patience_ms: int) -> None:
        connection = self._write_connection(patience_ms)
        try:
            self._bring_up_to_date(connection)
            connection.execute(f"PRAGMA busy_timeout={self._busy_timeout_ms}")
        except BaseException:
            self._drop_writer(connection)
            raise

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (schema,) = connection.execute("PRAGMA user_version").fetchone()
        if schema > 0 and application_id != self.role.application_id:
            raise not_ours(self.path)
        if schema > self.role.schema:
            raise SchemaTooNew(self.path, found=schema, known=self.role.schema)
        if schema < self.role.schema:
            # Imported here because an up-to-date file, the usual case, doesn't need it.
            from store.database.upgrade import bring_up_to_date

            bring_up_to_date(connection, self.role, self.path)

    def _connect(self, patience_ms: int, *pragmas: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=patience_ms / 1000,
            isolation_level=None,
            check_same_thread=False,  # the locks in here hand it from thread to thread
            cached_statements=_STATEMENTS_CACHED,
            factory=self._connection_class,
        )
        try:
            connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
            connection.execute("PRAGMA temp_store=MEMORY")
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _write_connection(self, patience_ms: int) -> sqlite3.Connection:
        if self._is_closed:
            raise HomeClosed(self.path)
        if self._writer is None:
            # Only WAL is a property of the file; any other mode is one of the connection.
            wanted = wanted_mode(linked_version())
            connection = self._connect(
                patience_ms, "synchronous=FULL", "foreign_keys=ON", f"journal_mode={wanted}"
            )
            (self._journal_mode,) = connection.execute("PRAGMA journal_mode").fetchone()
            self._writer = connection
            self._writers_opened += 1
        return self._writer

    def _roll_back(self, connection: sqlite3.Connection, failure: BaseException) -> None:
        """Undo the transaction; after a failure of the disk also begin anew with a connection."""
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error as unfinished:
            failure.add_note(f"the roll-back is left to the next connection: {unfinished}")
            self._drop_writer(connection)
        else:
            if isinstance(failure, sqlite3.OperationalError | StoreError):
                self._drop_writer(connection)

    def _drop_writer(self, connection: sqlite3.Connection) -> None:
        connection.close()
        self._writer = None

    def _take_reader(self, patience_ms: int) -> sqlite3.Connection:
        with self._pool_lock:
            if self._is_closed:
                raise HomeClosed(self.path)
            if self._idle:
                return self._idle.pop()
        return self._connect(patience_ms, "query_only=ON")

    def _give_back(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")  # nothing was written; ends the moment that it saw
        except BaseException:
            connection.close()  # else it would hold up every writer for as long as it lives
            raise
        with self._pool_lock:
            if not self._is_closed and len(self._idle) < READERS_IDLE_MAX:
                self._idle.append(connection)
                return
        connection.close()

    def _connection_of_this_thread(self) -> sqlite3.Connection | None:
        if self._writing_thread == threading.get_ident():
            return self._writer
        reading: sqlite3.Connection | None = getattr(self._reading, "connection", None)
        return reading

    def _refuse_nesting(self) -> None:
        if self._connection_of_this_thread() is not None:
            raise RuntimeError("this thread is inside read() or write() and would wait for itself")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    assert isinstance(value, int)
    return value
