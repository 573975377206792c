"""The port through which the rules read what stands in a ledger; SQLite is behind it on both sides.

Whoever decides applies the facts before the next decision, so that the books are always current.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from store.domain.errors import NotFound
from store.domain.ledger.accounts import Account, Transfer
from store.domain.ledger.facts import Apology, Item, Lease, Reservation, Saga

T = TypeVar("T")


class Books(Protocol):
    """What stands in one space's ledger."""

    def account(self, account: str) -> Account | None:
        """An account by id."""
        ...

    def transfer(self, transfer: str) -> Transfer | None:
        """A transfer by id."""
        ...

    def item(self, item: str) -> Item | None:
        """An item by id."""
        ...

    def item_named(self, name: str) -> Item | None:
        """An item by its exact name."""
        ...

    def budget_named(self, name: str) -> Account | None:
        """A budget by its exact name."""
        ...

    def reservation(self, reservation: str) -> Reservation | None:
        """A reservation by id."""
        ...

    def confirmed(self, item: str) -> Iterable[Reservation]:
        """All confirmed reservations of an item."""
        ...

    def last_asked(self) -> int:
        """The highest place in the order of asking."""
        ...

    def lease(self, item: str, holder: str) -> Lease | None:
        """A device's quota of an item."""
        ...

    def saga(self, saga: str) -> Saga | None:
        """A saga by id."""
        ...

    def apology(self) -> Apology:
        """The space's apology."""
        ...


def existing(found: T | None, what: str, named: str) -> T:
    """Give back what was found; raises NotFound."""
    if found is None:
        raise NotFound(f"This space has no {what} {named[:60]!a}.")
    return found
