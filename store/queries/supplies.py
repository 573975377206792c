"""Supplies as a device shows them: what the authority has decided, and what was asked for since.

Both are read in one transaction, and a command leaves the outbox in the transaction that folds its
effect: nothing is counted twice, and nothing is missing in between.
"""

import sqlite3
from dataclasses import dataclass, field
from typing import Final

from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.accounts import Account
from store.domain.ledger.ids import lease_account, stock_account
from store.domain.ledger.on_device import Known
from store.ledger import outbox
from store.ledger.books import SqlBooks
from store.ledger.contact import contact_of
from store.ledger.outbox import Intent
from store.ledger.row_codec import ITEMS, item_of
from store.members.reading import members
from store.queries.naming import find_named
from store.queries.whose import Me, me
from store.spaces import space_names
from store.supply_rows import ItemRow

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
_SPENDING: Final = ("return-quota", "move-quota")  # leaves the quota as soon as it is asked for


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
