"""The authority of the spaces of one server: it alone decides about supplies and money.

A batch of commands is one transaction. Each command is decided by itself; its facts, its answer and
its key are written together or not at all, so that a repeated one gets the answer and no effect. A
command that a rule refuses is decided too: its key answers the same from then on.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from store.database.connection import Database
from store.domain.errors import DomainError, InvalidValue, Refused
from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger import quotas
from store.domain.ledger.caller import Caller as Asker
from store.domain.ledger.deciding import decide
from store.domain.ledger.facts import Decided, Fact, ItemSet
from store.domain.ledger.ids import KEY, checked_id
from store.domain.ledger.reserving import VersionMoved
from store.ledger.command_codec import command_of, fingerprint
from store.ledger.record import LedgerWriter
from store.members.reading import members
from sync.protocol.ledger import Commands, Decision, Decisions, LedgerPlace
from sync.protocol.problems import refuse
from sync.server import decisions, limits, member_rows
from sync.server.callers import Caller
from sync.server.job_kinds import falls_due
from sync.server.job_runner import JobRunner
from sync.server.jobs import Jobs
from sync.server.ledgers import Ledgers
from sync.server.restoring import Restoring, is_known

HOLDER_BYTES: Final = 8
_SUBJECTS: Final = ("id", "reservation", "saga", "item")


class TooMany(Refused):
    """The space has as many of these as a server keeps."""

    type = "limit"
    title = "Too many"


@dataclass(frozen=True, slots=True)
class _Command:
    """A command on its way to be decided."""

    key: str
    command: c.Command
    fingerprint: bytes


class Authority:
    """Decides for all spaces of one server. Everything here blocks.

    Attributes:
        ledgers: sign what is decided.
        restoring: takes back what a restore has lost.
        jobs: what falls due by itself.
        runner: does the jobs on a thread, once it is started.
    """

    def __init__(self, db: Database, ledgers: Ledgers, on_decided: Callable[[str], None]) -> None:
        """Decide in this database.

        Args:
            db: the server's database.
            ledgers: sign what is decided.
            on_decided: called with the space after a commit that wrote acts.
        """
        self.ledgers = ledgers
        self.jobs = Jobs(db, ledgers, ledgers.entropy(HOLDER_BYTES).hex(), on_decided)
        self.runner = JobRunner(self.jobs)
        self.restoring = Restoring(db, ledgers, on_decided, self.runner.wake)
        self._db = db
        self._on_decided = on_decided

    def decide(self, caller: Caller, asked: Commands) -> Decisions:
        """Decide a batch of commands, in its order.

        Raises:
            ProblemRaised: `role` for a viewer, `malformed`, `key-reused`, or `ledger-behind`; then
                nothing of the batch was decided.
        """
        caller.needs("owner", "editor")
        batch = [_read(each.key, command_of(each.command)) for each in asked.commands]
        space = SpaceId(caller.space)
        with self._db.write() as conn:
            _check_place(conn, space, asked.at)
            answered = _answered(conn, space, batch)
            writer = self.ledgers.writer(conn, space)
            asker = _asker(conn, caller, batch)
            room = _Room(conn, space)
            made: list[Fact] = []
            for each in batch:
                if each.key not in answered:
                    asked_now = _as_seen(each, made)
                    told, decision = _decided(room, writer, asker, asked_now)
                    decisions.keep(conn, space, each.fingerprint, decision, writer.now_ms)
                    answered[each.key] = decision
                    made += told
            has_moved = writer.flush() > 0
            at = writer.at
        if has_moved:
            self._on_decided(space)
        if any(falls_due(fact, writer.now_ms) for fact in made):
            self.runner.wake()
        return Decisions([answered[each.key] for each in batch], at.generation, at.n)

    def shut_out(self, conn: sqlite3.Connection, space: str, replica: str) -> bool:
        """Give a device that was shut out no more quotas (DECISIONS D25); tells whether it had any.

        Within the transaction that closes the door; the caller says afterwards that there is news.
        """
        found = conn.execute(
            "SELECT item FROM lease WHERE space = ? AND holder = ? AND state = 'open'",
            (space, replica),
        ).fetchall()
        if not found:
            return False
        writer = self.ledgers.writer(conn, SpaceId(space))
        for (item,) in found:
            lease = writer.books.lease(item, replica)
            assert lease is not None, "it was just read"
            writer.write(quotas.revoked(lease))
        return writer.flush() > 0


def _read(key: str, command: c.Command) -> _Command:
    try:
        return _Command(checked_id(KEY, key), command, fingerprint(command))
    except InvalidValue as error:
        raise refuse("malformed", str(error)) from error


def _check_place(conn: sqlite3.Connection, space: SpaceId, at: LedgerPlace | None) -> None:
    """Decide nothing for a device that has acts which were lost here (DECISIONS D24)."""
    if at is not None and at.n > 0 and not is_known(conn, space, at.hash):
        raise refuse(
            "ledger-behind",
            "The server lost what this device was told already; it has to be offered again first.",
        )


def _answered(conn: sqlite3.Connection, space: str, batch: list[_Command]) -> dict[str, Decision]:
    """The kept answers to a batch, by key; refuses it where a key stands for something else."""
    found: dict[str, Decision] = {}
    seen: dict[str, bytes] = {}
    for each in batch:
        kept = decisions.find(conn, space, each.key)
        if kept is not None:
            found[each.key] = kept.decision
            seen[each.key] = kept.fingerprint
        if seen.setdefault(each.key, each.fingerprint) != each.fingerprint:
            raise refuse(
                "key-reused",
                f"Another command was asked for under the key {each.key}; nothing was decided.",
            )
    return found


def _as_seen(each: _Command, made: list[Fact]) -> _Command:
    """Let a compare-and-set command see what its own batch has moved before it.

    It is there to find out that somebody else was faster. Its device has asked for the whole batch
    knowing one version of the item; what moves that within the batch are its own commands.
    """
    command = each.command
    if not isinstance(command, c.Reserve) or command.version is None:
        return each
    version = command.version
    for fact in made:
        if isinstance(fact, ItemSet) and (fact.item.id, fact.item.version - 1) == (
            command.item,
            version,
        ):
            version += 1
    return replace(each, command=replace(command, version=version))


def _decided(
    room: "_Room", writer: LedgerWriter, asker: Asker, each: _Command
) -> tuple[list[Fact], Decision]:
    """Decide one command, and write what follows with its answer as one act; gives both."""
    told: list[Fact] = []
    no: DomainError | None = None
    try:
        room.check(each.command)
        told = decide(writer.books, asker, each.command, writer.now_ms)
        room.take(each.command)
    except DomainError as refused:
        no = refused
    reason = ("", "") if no is None else (no.type, str(no))
    outcome = Decided(
        each.key, each.fingerprint, asker.replica, no is None, _subject(each.command), *reason
    )
    writer.write([*told, outcome])
    at = writer.at
    version = no.version if isinstance(no, VersionMoved) else 0
    return told, Decision(each.key, no is None, at.generation, at.n, *reason, version)


_ROOM: Final[dict[type, tuple[str, int, str]]] = {
    c.AddItem: ("stock WHERE space = ?", limits.LEDGER_ITEMS_MAX, "items"),
    c.AddBudget: (
        "account WHERE space = ? AND kind = 'budget'",
        limits.LEDGER_BUDGETS_MAX,
        "budgets",
    ),
    c.Book: (
        "saga WHERE space = ? AND state IN ('running', 'compensating')",
        limits.SAGAS_UNDER_WAY_MAX,
        "bookings under way",
    ),
}
_ROOM[c.TransferMoney] = _ROOM[c.Book]


class _Room:
    """Bounds what one space can make a server keep track of; counts once a batch."""

    def __init__(self, conn: sqlite3.Connection, space: str) -> None:
        self._conn = conn
        self._space = space
        self._found: dict[str, int] = {}

    def check(self, command: c.Command) -> None:
        """Raise TooMany where there is no room for what a command makes."""
        counted, most, what = _ROOM.get(type(command), ("", 0, ""))
        if counted and counted not in self._found:
            (self._found[counted],) = self._conn.execute(
                f"SELECT count(*) FROM {counted}", (self._space,)
            ).fetchone()
        if counted and self._found[counted] >= most:
            raise TooMany(f"The space has {most} {what}, as many as its server keeps.")

    def take(self, command: c.Command) -> None:
        """Count what a command has made."""
        counted = _ROOM.get(type(command), ("", 0, ""))[0]
        if counted:
            self._found[counted] += 1


def _subject(command: c.Command) -> str:
    named = (getattr(command, name, None) for name in _SUBJECTS)
    return next((str(one) for one in named if one is not None), "")


def _asker(conn: sqlite3.Connection, caller: Caller, batch: list[_Command]) -> Asker:
    """Who asks, with the other devices of the space where a command may name one."""
    asker = Asker(caller.replica, caller.person, caller.role)
    if not any(isinstance(each.command, c.MoveQuota) for each in batch):
        return asker
    shut_out = {one.key for one in members(conn, caller.space) if one.is_revoked}
    others = frozenset(
        row.replica
        for row in member_rows.tokens_of(conn, caller.space)
        if row.revoked_at_ms is None and row.key not in shut_out and row.replica != caller.replica
    )
    return replace(asker, others=others)
