"""Supplies as a device shows them: what the authority has decided, and what was asked for since.

Both are read in one transaction, and a command leaves the outbox in the transaction that folds its
effect: nothing is counted twice, and nothing is missing in between.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeVar

from store.database.meta import read_meta
from store.domain.errors import Ambiguous, NotFound
from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.accounts import Account
from store.domain.ledger.facts import Reservation
from store.domain.ledger.ids import lease_account, stock_account
from store.domain.ledger.on_device import Known
from store.ledger import outbox
from store.ledger.books import SqlBooks
from store.ledger.contact import contact_of
from store.ledger.outbox import Intent
from store.ledger.row_codec import ITEMS, RESERVATIONS, item_of, reservation_of
from store.members.reading import members
from store.spaces import space_names
from store.supply_rows import ItemRow, ReservationRow, ReservedState

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
_SPENDING: Final = ("return-quota", "move-quota")  # leaves the quota as soon as it is asked for

R = TypeVar("R")


class Named(Protocol):
    """A row that people call by its name."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def name(self) -> str:
        """Its name."""
        ...


N = TypeVar("N", bound=Named)


@dataclass(frozen=True, slots=True)
class Me:
    """Whose device this is."""

    replica: str
    person: str

    def is_mine(self, holder: str, person: str) -> bool:
        """Whether something belongs to this person, on this device or another one."""
        return holder == self.replica or (bool(person) and person == self.person)


@dataclass(slots=True)
class _Asked:
    """What was asked for of an item and not decided."""

    certain: int = 0
    requested: int = 0
    spent: int = 0

    def count(self, one: Intent, pieces: int) -> None:
        """Count what was asked for by one command."""
        is_certain = isinstance(one.command, c.Reserve) and one.command.is_certain
        if one.state == "withdrawn" or one.is_gone:
            self.spent += pieces if is_certain else 0
        elif is_certain:
            self.certain += pieces
        elif one.kind in ("reserve", "take-quota"):
            self.requested += pieces
        elif one.kind in _SPENDING:
            self.spent += pieces


@dataclass(slots=True)
class _Open:
    """What of a space was asked for and not decided, by item."""

    items: list[Intent] = field(default_factory=list)
    by_item: dict[str, _Asked] = field(default_factory=dict)

    def of(self, item: str) -> _Asked:
        return self.by_item.setdefault(item, _Asked())


def me(conn: sqlite3.Connection) -> Me:
    """Whose device this is."""
    return Me(read_meta(conn, "replica_id") or "", read_meta(conn, "person") or "")


def supplies(conn: sqlite3.Connection, space: SpaceId | None = None) -> list[ItemRow]:
    """All items in stock, by name; what was only asked for comes with the others."""
    names = space_names(conn)
    rows: list[ItemRow] = []
    for one in [space] if space is not None else [SpaceId(each) for each in names]:
        rows += _of_space(conn, one, names[one])
    return sorted(rows, key=lambda row: (row.name.casefold(), row.id))


def supply(conn: sqlite3.Connection, space: SpaceId, named: str) -> ItemRow:
    """One item by its id, name or a unique start of its id; raises NotFound, Ambiguous."""
    return find_named(supplies(conn, space), "item", "cairn stock", named)


def reservations(
    conn: sqlite3.Connection,
    space: SpaceId | None = None,
    *,
    item: str | None = None,
    task: str | None = None,
    only_mine: bool = False,
) -> list[ReservationRow]:
    """Reservations in the order of asking, those not decided last."""
    names = space_names(conn)
    found = conn.execute(
        f"SELECT space, {RESERVATIONS.columns} FROM reservation WHERE (?1 IS NULL OR space = ?1)"
        " AND (?2 IS NULL OR item = ?2) AND (?3 IS NULL OR task = ?3) ORDER BY space, asked",
        (space, item, task),
    ).fetchall()
    who, titles = me(conn), _item_names(conn)
    waiting = {
        one.subject: one.kind
        for one in outbox.intents(
            conn, space, kinds=("confirm", "release"), states=outbox.NOT_DECIDED
        )
    }
    rows = [
        _decided_row(names[row[0]], reservation_of(row[1:]), who, titles, waiting) for row in found
    ]
    known = {row.id for row in rows}
    ends = _lease_ends(conn, who)
    for intent in outbox.intents(conn, space, kinds=("reserve",)):
        command = intent.command
        assert isinstance(command, c.Reserve), "its kind says so"
        fits = item in (None, command.item) and task in (None, command.task)
        if fits and not intent.is_gone and command.id not in known:
            row = _asked_row(names[intent.space], intent, command, who, titles)
            until_ms = ends.get(row.item) if row.state == "certain" else None
            rows.append(replace(row, sync_before_ms=until_ms))
    return [row for row in rows if row.is_mine or not only_mine]


def reservation(conn: sqlite3.Connection, named: str) -> ReservationRow:
    """One reservation by a unique start of its id; raises NotFound, Ambiguous."""
    fitting = [row for row in reservations(conn) if row.id.startswith(named)]
    return single(fitting, "reservation", "cairn stock reservations", named)


def known_of(conn: sqlite3.Connection, space: SpaceId, item: str) -> Known:
    """What this device knows of an item, to answer by itself."""
    books, who = SqlBooks(conn, space), me(conn)
    open_ = _open(conn, space).of(item)
    stock = books.account(stock_account(item))
    lease = books.lease(item, who.replica)
    contact = contact_of(conn, space)
    until_ms = 0 if contact is None else contact.server_ms
    return Known(
        available=_available(stock) - open_.requested,
        quota=_available(books.account(lease_account(item, who.replica)))
        - open_.certain
        - open_.spent,
        lease_ends_ms=None if lease is None or lease.state != "open" else lease.expires_at_ms,
        rate_per_s=max(
            _taken_by_others(conn, space, item, who.replica, until_ms - _HOUR_MS) / _HOUR_MS,
            _taken_by_others(conn, space, item, who.replica, until_ms - _DAY_MS) / _DAY_MS,
        )
        * 1000,
        asked=open_.requested,
        others=_other_devices(conn, space, who.replica),
    )


def _other_devices(conn: sqlite3.Connection, space: SpaceId, own: str) -> int:
    """How many other devices of the space may ask for something."""
    return sum(
        one.replica != own and not one.is_revoked and one.role != "viewer"
        for one in members(conn, space)
    )


def find_named(rows: Iterable[N], what: str, lists: str, named: str) -> N:
    """Find a row by its id, its name, or a unique start of its id; raises NotFound, Ambiguous."""
    rows = list(rows)
    for fits in (
        [row for row in rows if named in (row.id, row.name)],
        [row for row in rows if row.name.casefold() == named.casefold()],
        [row for row in rows if named and row.id.startswith(named)],
    ):
        if fits:
            return single(fits, what, lists, named)
    raise not_found(what, lists, named)


def single(fitting: list[R], what: str, lists: str, named: str) -> R:
    """Give the one row that fits; raises NotFound, Ambiguous."""
    if len(fitting) == 1 and named:
        return fitting[0]
    if not fitting or not named:
        raise not_found(what, lists, named)
    raise Ambiguous(f"{len(fitting)} of them begin with {named}; give more of the id.")


def not_found(what: str, lists: str, named: str) -> NotFound:
    """Say that nothing is called that."""
    return NotFound(f"There is no {what} {named[:60]!a}; `{lists}` lists them.")


# -- inside ----------------------------------------------------------------------------------------


def _of_space(conn: sqlite3.Connection, space: SpaceId, name: str) -> list[ItemRow]:
    books, who = SqlBooks(conn, space), me(conn)
    open_ = _open(conn, space)
    contact = contact_of(conn, space)
    mine = _mine(conn, space, who)
    rows = []
    found = conn.execute(ITEMS.selected(""), (space,)).fetchall()
    for item in map(item_of, found):
        asked = open_.of(item.id)
        stock = books.account(stock_account(item.id))
        lease = books.lease(item.id, who.replica)
        held = _available(books.account(lease_account(item.id, who.replica)))
        rows.append(
            ItemRow(
                item.id,
                name,
                item.name,
                item.count,
                max(0, _available(stock) - asked.requested),
                (stock.pending_out if stock else 0) + asked.requested,
                item.policy,
                mine.get(item.id, 0) + asked.certain,
                asked.requested,
                max(0, held - asked.certain - asked.spent),
                lease.expires_at_ms if lease is not None and lease.state == "open" else None,
                None if contact is None else contact.server_ms,
                is_asked=False,
                wrong_guesses=item.wrong_guesses,
            )
        )
    rows += [_asked_item(name, one, open_) for one in open_.items]
    return rows


def _asked_item(space: str, intent: Intent, open_: _Open) -> ItemRow:
    command = intent.command
    assert isinstance(command, c.AddItem), "its kind says so"
    asked = open_.of(command.id).requested
    return ItemRow(
        command.id,
        space,
        command.name,
        command.count,
        max(0, command.count - asked),
        asked,
        command.policy,
        0,
        asked,
        0,
        None,
        None,
        is_asked=True,
        wrong_guesses=0,
    )


def _open(conn: sqlite3.Connection, space: SpaceId) -> _Open:
    found = _Open()
    for one in outbox.intents(conn, space, states=(*outbox.NOT_DECIDED, "withdrawn")):
        if one.kind == "add-item":
            found.items.append(one)
        elif isinstance(one.command, c.Book):
            for wanted in one.command.items:
                found.of(wanted.item).requested += wanted.count
        elif one.item is not None and one.count is not None:
            found.of(one.item).count(one, one.count)
    return found


def _mine(conn: sqlite3.Connection, space: SpaceId, who: Me) -> dict[str, int]:
    found = conn.execute(
        "SELECT item, sum(count) FROM reservation WHERE space = ? AND state = 'confirmed'"
        " AND (holder = ? OR person = ?) GROUP BY item",
        (space, who.replica, who.person),
    )
    return dict(found.fetchall())


def _lease_ends(conn: sqlite3.Connection, who: Me) -> dict[str, int]:
    found = conn.execute("SELECT item, expires_at_ms FROM lease WHERE holder = ?", (who.replica,))
    return dict(found.fetchall())


def _available(account: Account | None) -> int:
    return 0 if account is None else account.available


def _taken_by_others(
    conn: sqlite3.Connection, space: SpaceId, item: str, replica: str, since_ms: int
) -> int:
    (taken,) = conn.execute(
        "SELECT coalesce(sum(transfer.amount), 0) FROM transfer JOIN reservation"
        " ON reservation.space = transfer.space AND reservation.id = transfer.id"
        " WHERE transfer.space = ? AND reservation.item = ? AND reservation.holder <> ?"
        " AND transfer.at_ms > ?",
        (space, item, replica, since_ms),
    ).fetchone()
    assert isinstance(taken, int)
    return taken


def _item_names(conn: sqlite3.Connection) -> dict[str, str]:
    names = dict(conn.execute("SELECT id, name FROM stock").fetchall())
    for one in outbox.intents(conn, kinds=("add-item",)):
        assert isinstance(one.command, c.AddItem), "its kind says so"
        names.setdefault(one.command.id, one.command.name)
    return names


def _decided_row(
    space: str, found: Reservation, who: Me, titles: dict[str, str], waiting: dict[str, str]
) -> ReservationRow:
    asked = waiting.get(found.id)
    told = {
        "confirm": "That it is confirmed is still to be sent.",
        "release": "That it is given back is still to be sent.",
    }
    return ReservationRow(
        found.id,
        space,
        found.item,
        titles.get(found.item, found.item),
        found.count,
        found.state,
        told[asked] if asked is not None and found.state == "confirmed" else found.reason,
        found.is_final,
        found.expires_at_ms,
        found.person,
        who.is_mine(found.holder, found.person),
        found.task,
        found.saga,
        found.asked,
    )


def _asked_row(
    space: str, intent: Intent, command: c.Reserve, who: Me, titles: dict[str, str]
) -> ReservationRow:
    state: ReservedState = "requested"
    if intent.type:
        state = "rejected"
    elif intent.said == "certain":
        state = "certain"
    return ReservationRow(
        command.id,
        space,
        command.item,
        titles.get(command.item, command.item),
        command.count,
        state,
        intent.detail if state == "rejected" else intent.reason,
        state != "requested",
        command.until_ms,
        who.person,
        True,
        command.task,
        None,
        intent.number,
    )
