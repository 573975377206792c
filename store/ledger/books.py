"""The books of one space in SQLite: reads for the rules, and the fold of facts into rows.

Everything here runs inside a transaction of the caller. What stands in which column is
`store.ledger.row_codec`'s.
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, Final

from store.domain.ledger import facts
from store.domain.ledger.accounts import Account, Transfer, entered, resolved
from store.domain.ledger.facts import Apology, Item, Lease, Reservation, Saga
from store.ledger.row_codec import (
    ACCOUNTS,
    APOLOGIES,
    ITEMS,
    LEASES,
    NOTICES,
    RESERVATIONS,
    SAGAS,
    TABLES,
    TRANSFERS,
    Row,
    Table,
    item_of,
    reservation_of,
    saga_of,
)

_PUT_ACCOUNT: Final = ACCOUNTS.put(changed="name, floor")  # the sums follow from transfers
_ENTER: Final = f"{TRANSFERS.inserted()} ON CONFLICT DO NOTHING"
_PUT_ITEM: Final = ITEMS.put()
_PUT_RESERVATION: Final = RESERVATIONS.put()
_PUT_LEASE: Final = LEASES.put()
_PUT_SAGA: Final = SAGAS.put()
_PUT_NOTICE: Final = NOTICES.put()
_PUT_APOLOGY: Final = APOLOGIES.put()
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
            facts.AccountOpened: lambda fact: self._put(_PUT_ACCOUNT, ACCOUNTS.row(fact.account)),
            facts.Entered: self._enter,
            facts.Resolved: self._resolve,
            facts.ItemSet: lambda fact: self._put(_PUT_ITEM, ITEMS.row(fact.item)),
            facts.ReservationSet: lambda fact: self._put(
                _PUT_RESERVATION, RESERVATIONS.row(fact.reservation)
            ),
            facts.LeaseSet: lambda fact: self._put(_PUT_LEASE, LEASES.row(fact.lease)),
            facts.SagaSet: lambda fact: self._put(_PUT_SAGA, SAGAS.row(fact.saga)),
            facts.ApologySet: lambda fact: self._put(_PUT_APOLOGY, APOLOGIES.row(fact.apology)),
            facts.Noticed: lambda fact: self._put(_PUT_NOTICE, NOTICES.row(fact)),
            facts.Decided: self._pass,
            facts.BegunAnew: self._pass,
        }

    # -- reads ---------------------------------------------------------------------------------

    def account(self, account: str) -> Account | None:
        """An account by id."""
        row = self._one(ACCOUNTS, " AND id = ?", account)
        return None if row is None else Account(*row)

    def transfer(self, transfer: str) -> Transfer | None:
        """A transfer by id."""
        row = self._one(TRANSFERS, " AND id = ?", transfer)
        return None if row is None else Transfer(*row)

    def item(self, item: str) -> Item | None:
        """An item by id."""
        row = self._one(ITEMS, " AND id = ?", item)
        return None if row is None else item_of(row)

    def item_named(self, name: str) -> Item | None:
        """An item by its exact name."""
        row = self._one(ITEMS, " AND name = ?", name)
        return None if row is None else item_of(row)

    def budget_named(self, name: str) -> Account | None:
        """A budget by its exact name."""
        row = self._one(ACCOUNTS, " AND name = ? AND kind = 'budget'", name)
        return None if row is None else Account(*row)

    def reservation(self, reservation: str) -> Reservation | None:
        """A reservation by id."""
        row = self._one(RESERVATIONS, " AND id = ?", reservation)
        return None if row is None else reservation_of(row)

    def confirmed(self, item: str) -> list[Reservation]:
        """All confirmed reservations of an item."""
        found = self._conn.execute(
            RESERVATIONS.selected(" AND item = ? AND state = 'confirmed'"), (self._space, item)
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
        row = self._one(LEASES, " AND item = ? AND holder = ?", item, holder)
        return None if row is None else Lease(*row)

    def saga(self, saga: str) -> Saga | None:
        """A saga by id."""
        row = self._one(SAGAS, " AND id = ?", saga)
        return None if row is None else saga_of(row)

    def apology(self) -> Apology:
        """The space's apology; without words where the owner has worded none."""
        row = self._one(APOLOGIES, "")
        return Apology("") if row is None else Apology(*row)

    # -- the fold ------------------------------------------------------------------------------

    def apply(self, told: Iterable[facts.Fact]) -> None:
        """Fold facts into the rows, in their order. Known transfers are left as they are."""
        for fact in told:
            self._folds[type(fact)](fact)

    def clear(self) -> None:
        """Forget everything of the space."""
        for table in TABLES:
            self._conn.execute(f"DELETE FROM {table.name} WHERE space = ?", (self._space,))

    def _enter(self, fact: facts.Entered) -> None:
        t = fact.transfer
        inserted = self._conn.execute(_ENTER, (self._space, *TRANSFERS.row(t)))
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

    def _pass(self, _fact: facts.Fact) -> None:
        """Decisions and new beginnings are no rows of the books."""

    def _put(self, statement: str, row: Row) -> None:
        self._conn.execute(statement, (self._space, *row))

    def _known(self, account: str) -> Account:
        found = self.account(account)
        assert found is not None, f"no account {account}: facts come in their order"
        return found

    def _keep_sums(self, *accounts: Account) -> None:
        for a in accounts:
            self._conn.execute(_SUMS, (a.posted, a.pending_out, a.pending_in, self._space, a.id))

    def _one(self, table: Table, where: str, *values: str) -> Row | None:
        found = self._conn.execute(table.selected(where), (self._space, *values))
        row: Row | None = found.fetchone()
        return row


def snapshot(conn: sqlite3.Connection, space: str) -> list[facts.Fact]:
    """Everything that stands in a space's books, as facts that make the same rows again."""

    def rows(table: Table) -> Iterable[Row]:
        return conn.execute(table.selected(" ORDER BY rowid"), (space,))

    told: list[facts.Fact] = [facts.AccountOpened(Account(*row[:5])) for row in rows(ACCOUNTS)]
    told += [facts.Entered(Transfer(*row)) for row in rows(TRANSFERS)]
    told += [facts.ItemSet(item_of(row)) for row in rows(ITEMS)]
    told += [facts.ReservationSet(reservation_of(row)) for row in rows(RESERVATIONS)]
    told += [facts.LeaseSet(Lease(*row)) for row in rows(LEASES)]
    told += [facts.SagaSet(saga_of(row)) for row in rows(SAGAS)]
    told += [facts.Noticed(*row) for row in rows(NOTICES)]
    told += [facts.ApologySet(Apology(*row)) for row in rows(APOLOGIES)]
    return told
