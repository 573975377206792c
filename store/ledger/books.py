"""The books of one space in SQLite: reads for the rules, and the fold of facts into rows.

Everything here runs inside a transaction of the caller. Saga steps and policies are JSON in a
column: they are read whole or not at all.
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from store.domain.ledger import facts
from store.domain.ledger.accounts import Account, Transfer, entered, resolved
from store.domain.ledger.facts import Apology, Item, Lease, Reservation, Saga, Step
from store.domain.ledger.policies import Policy

TABLES: Final = (
    "account",
    "transfer",
    "stock",
    "reservation",
    "lease",
    "saga",
    "notice",
    "apology",
)
ACCOUNT_COLUMNS: Final = "id, kind, name, unit, floor, posted, pending_out, pending_in"
_TRANSFER: Final = "id, debit, credit, amount, unit, state, cause, at_ms, expires_at_ms, reason"
ITEM_COLUMNS: Final = "id, name, policy, count, version, oversold_at_ms, wrong_guesses"
RESERVATION_COLUMNS: Final = (
    "id, item, count, state, holder, person, tier, asked, is_final, expires_at_ms, reason, task,"
    " saga"
)
_LEASE: Final = "item, holder, expires_at_ms, state"
SAGA_COLUMNS: Final = (
    "id, kind, name, state, holder, person, tier, at_ms, next_at_ms, deadline_ms, reason, task,"
    " steps"
)
NOTICE_COLUMNS: Final = (
    "id, holder, person, kind, about, text, reason, at_ms, apology, credit, currency"
)
_steps_decoder: Final = msgspec.json.Decoder(tuple[Step, ...])
_policy_decoder: Final = msgspec.json.Decoder(Policy)
_encoder: Final = msgspec.json.Encoder()


def _upsert(table: str, columns: str, keys: str = "space, id") -> str:
    names = columns.split(",")
    marks = ", ".join("?" * (len(names) + 1))
    key_names = {each.strip() for each in keys.split(",")}
    sets = ", ".join(
        f"{each.strip()} = excluded.{each.strip()}"
        for each in names
        if each.strip() not in key_names
    )
    return (
        f"INSERT INTO {table} (space, {columns}) VALUES ({marks})"
        f" ON CONFLICT ({keys}) DO UPDATE SET {sets}"
    )


_SET_ACCOUNT: Final = (
    f"INSERT INTO account (space, {ACCOUNT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (space, id) DO UPDATE SET name = excluded.name, floor = excluded.floor"
)
_ENTER: Final = (
    f"INSERT INTO transfer (space, {_TRANSFER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
_SET_ITEM: Final = _upsert("stock", ITEM_COLUMNS)
_SET_RESERVATION: Final = _upsert("reservation", RESERVATION_COLUMNS)
_SET_LEASE: Final = _upsert("lease", _LEASE, "space, item, holder")
_SET_SAGA: Final = _upsert("saga", SAGA_COLUMNS)
_SET_NOTICE: Final = _upsert("notice", NOTICE_COLUMNS)
_SUMS: Final = (
    "UPDATE account SET posted = ?, pending_out = ?, pending_in = ? WHERE space = ? AND id = ?"
)


class SqlBooks:
    """The books of one space, within a transaction; `store.domain.ledger.books.Books`."""

    def __init__(self, conn: sqlite3.Connection, space: str) -> None:
        """Read and write on this connection."""
        self._conn = conn
        self._space = space
        self._folds: dict[type, Callable[[Any], None]] = {
            facts.AccountOpened: self._open,
            facts.Entered: self._enter,
            facts.Resolved: self._resolve,
            facts.ItemSet: self._set_item,
            facts.ReservationSet: self._set_reservation,
            facts.LeaseSet: self._set_lease,
            facts.SagaSet: self._set_saga,
            facts.ApologySet: self._set_apology,
            facts.Noticed: self._notice,
            facts.Decided: self._pass,
            facts.BegunAnew: self._pass,
        }

    # -- reads ---------------------------------------------------------------------------------

    def account(self, account: str) -> Account | None:
        """An account by id."""
        row = self._one(
            f"SELECT {ACCOUNT_COLUMNS} FROM account WHERE space = ? AND id = ?", account
        )
        return None if row is None else Account(*row)

    def transfer(self, transfer: str) -> Transfer | None:
        """A transfer by id."""
        row = self._one(f"SELECT {_TRANSFER} FROM transfer WHERE space = ? AND id = ?", transfer)
        return None if row is None else Transfer(*row)

    def item(self, item: str) -> Item | None:
        """An item by id."""
        row = self._one(f"SELECT {ITEM_COLUMNS} FROM stock WHERE space = ? AND id = ?", item)
        return None if row is None else item_of(row)

    def item_named(self, name: str) -> Item | None:
        """An item by its exact name."""
        row = self._one(f"SELECT {ITEM_COLUMNS} FROM stock WHERE space = ? AND name = ?", name)
        return None if row is None else item_of(row)

    def budget_named(self, name: str) -> Account | None:
        """A budget by its exact name."""
        row = self._one(
            f"SELECT {ACCOUNT_COLUMNS} FROM account"
            " WHERE space = ? AND name = ? AND kind = 'budget'",
            name,
        )
        return None if row is None else Account(*row)

    def reservation(self, reservation: str) -> Reservation | None:
        """A reservation by id."""
        row = self._one(
            f"SELECT {RESERVATION_COLUMNS} FROM reservation WHERE space = ? AND id = ?", reservation
        )
        return None if row is None else reservation_of(row)

    def confirmed(self, item: str) -> list[Reservation]:
        """All confirmed reservations of an item."""
        found = self._conn.execute(
            f"SELECT {RESERVATION_COLUMNS} FROM reservation"
            " WHERE space = ? AND item = ? AND state = 'confirmed'",
            (self._space, item),
        )
        return [reservation_of(row) for row in found]

    def last_asked(self) -> int:
        """The highest place in the order of asking."""
        (highest,) = self._conn.execute(
            "SELECT max(asked) FROM reservation WHERE space = ?", (self._space,)
        ).fetchone()
        return highest or 0

    def lease(self, item: str, holder: str) -> Lease | None:
        """A device's quota of an item."""
        row = self._conn.execute(
            f"SELECT {_LEASE} FROM lease WHERE space = ? AND item = ? AND holder = ?",
            (self._space, item, holder),
        ).fetchone()
        return None if row is None else Lease(*row)

    def saga(self, saga: str) -> Saga | None:
        """A saga by id."""
        row = self._one(f"SELECT {SAGA_COLUMNS} FROM saga WHERE space = ? AND id = ?", saga)
        return None if row is None else saga_of(row)

    def apology(self) -> Apology:
        """The space's apology; without words where the owner has worded none."""
        row = self._conn.execute(
            "SELECT text, budget, amount FROM apology WHERE space = ?", (self._space,)
        ).fetchone()
        return Apology("") if row is None else Apology(*row)

    # -- the fold ------------------------------------------------------------------------------

    def apply(self, told: Iterable[facts.Fact]) -> None:
        """Fold facts into the rows, in their order. Known transfers are left as they are."""
        for fact in told:
            self._folds[type(fact)](fact)

    def clear(self) -> None:
        """Forget everything of the space."""
        for table in TABLES:
            self._conn.execute(f"DELETE FROM {table} WHERE space = ?", (self._space,))

    def _open(self, fact: facts.AccountOpened) -> None:
        a = fact.account
        self._conn.execute(
            _SET_ACCOUNT,
            (
                self._space,
                a.id,
                a.kind,
                a.name,
                a.unit,
                a.floor,
                a.posted,
                a.pending_out,
                a.pending_in,
            ),
        )

    def _enter(self, fact: facts.Entered) -> None:
        t = fact.transfer
        inserted = self._conn.execute(
            _ENTER,
            (
                self._space,
                t.id,
                t.debit,
                t.credit,
                t.amount,
                t.unit,
                t.state,
                t.cause,
                t.at_ms,
                t.expires_at_ms,
                t.reason,
            ),
        )
        if inserted.rowcount == 1 and t.state in ("pending", "posted"):
            self._keep_sums(*entered(self._known(t.debit), self._known(t.credit), t))

    def _resolve(self, fact: facts.Resolved) -> None:
        transfer = self.transfer(fact.transfer)
        if transfer is None or transfer.state != "pending":
            return  # it has ended: to say so again changes nothing
        self._conn.execute(
            "UPDATE transfer SET state = ?, reason = ? WHERE space = ? AND id = ?",
            (fact.state, fact.reason, self._space, transfer.id),
        )
        debit, credit = self._known(transfer.debit), self._known(transfer.credit)
        self._keep_sums(*resolved(debit, credit, transfer, fact.state))

    def _set_item(self, fact: facts.ItemSet) -> None:
        i = fact.item
        self._conn.execute(
            _SET_ITEM,
            (
                self._space,
                i.id,
                i.name,
                _text(i.policy),
                i.count,
                i.version,
                i.oversold_at_ms,
                i.wrong_guesses,
            ),
        )

    def _set_reservation(self, fact: facts.ReservationSet) -> None:
        r = fact.reservation
        self._conn.execute(
            _SET_RESERVATION,
            (
                self._space,
                r.id,
                r.item,
                r.count,
                r.state,
                r.holder,
                r.person,
                r.tier,
                r.asked,
                r.is_final,
                r.expires_at_ms,
                r.reason,
                r.task,
                r.saga,
            ),
        )

    def _set_lease(self, fact: facts.LeaseSet) -> None:
        one = fact.lease
        self._conn.execute(
            _SET_LEASE, (self._space, one.item, one.holder, one.expires_at_ms, one.state)
        )

    def _set_saga(self, fact: facts.SagaSet) -> None:
        s = fact.saga
        self._conn.execute(
            _SET_SAGA,
            (
                self._space,
                s.id,
                s.kind,
                s.name,
                s.state,
                s.holder,
                s.person,
                s.tier,
                s.at_ms,
                s.next_at_ms,
                s.deadline_ms,
                s.reason,
                s.task,
                _text(s.steps),
            ),
        )

    def _set_apology(self, fact: facts.ApologySet) -> None:
        a = fact.apology
        self._conn.execute(
            "INSERT INTO apology (space, text, budget, amount) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (space) DO UPDATE SET text = excluded.text, budget = excluded.budget,"
            " amount = excluded.amount",
            (self._space, a.text, a.budget, a.amount),
        )

    def _notice(self, fact: facts.Noticed) -> None:
        self._conn.execute(
            _SET_NOTICE,
            (
                self._space,
                fact.id,
                fact.holder,
                fact.person,
                fact.kind,
                fact.about,
                fact.text,
                fact.reason,
                fact.at_ms,
                fact.apology,
                fact.credit,
                fact.currency,
            ),
        )

    def _pass(self, _fact: facts.Fact) -> None:
        """Decisions and new beginnings are no rows of the books."""

    def _known(self, account: str) -> Account:
        found = self.account(account)
        assert found is not None, f"no account {account}: facts come in their order"
        return found

    def _keep_sums(self, *accounts: Account) -> None:
        for a in accounts:
            self._conn.execute(_SUMS, (a.posted, a.pending_out, a.pending_in, self._space, a.id))

    def _one(self, statement: str, key: str) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._conn.execute(statement, (self._space, key)).fetchone()
        return row


def snapshot(conn: sqlite3.Connection, space: str) -> list[facts.Fact]:
    """Everything that stands in a space's books, as facts that make the same rows again."""
    told: list[facts.Fact] = [
        facts.AccountOpened(Account(*row[:5]))
        for row in _all(conn, "account", ACCOUNT_COLUMNS, space)
    ]
    told += [facts.Entered(Transfer(*row)) for row in _all(conn, "transfer", _TRANSFER, space)]
    told += [facts.ItemSet(item_of(row)) for row in _all(conn, "stock", ITEM_COLUMNS, space)]
    told += [
        facts.ReservationSet(reservation_of(row))
        for row in _all(conn, "reservation", RESERVATION_COLUMNS, space)
    ]
    told += [facts.LeaseSet(Lease(*row)) for row in _all(conn, "lease", _LEASE, space)]
    told += [facts.SagaSet(saga_of(row)) for row in _all(conn, "saga", SAGA_COLUMNS, space)]
    told += [facts.Noticed(*row) for row in _all(conn, "notice", NOTICE_COLUMNS, space)]
    told += [
        facts.ApologySet(Apology(*row))
        for row in _all(conn, "apology", "text, budget, amount", space)
    ]
    return told


def item_of(row: tuple[Any, ...]) -> Item:
    """Make an item of its row."""
    item, name, policy, *rest = row
    return Item(item, name, _policy_decoder.decode(policy), *rest)


def reservation_of(row: tuple[Any, ...]) -> Reservation:
    """Make a reservation of its row."""
    before, after = row[:8], row[9:]
    return Reservation(*before, bool(row[8]), *after)  # type: ignore[call-arg]


def saga_of(row: tuple[Any, ...]) -> Saga:
    """Make a saga of its row."""
    before, after = row[:7], row[7:12]
    return Saga(*before, _steps_decoder.decode(row[12]), *after)  # type: ignore[call-arg]


def _all(
    conn: sqlite3.Connection, table: str, columns: str, space: str
) -> Iterable[tuple[Any, ...]]:
    return conn.execute(f"SELECT {columns} FROM {table} WHERE space = ? ORDER BY rowid", (space,))


def _text(value: object) -> str:
    return _encoder.encode(value).decode()
