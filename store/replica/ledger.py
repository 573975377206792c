"""Supplies, budgets and bookings of a replica: what is known, and what is asked for.

What these need takes a while to load: whoever asks first loads it, and adding a task does not.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from store import spaces
from store.commands.inverse import Inverse
from store.commands.undoing import record_act
from store.domain.ids import SpaceId
from store.replica.core import ReplicaCore

if TYPE_CHECKING:
    from store.commands.asking import Asking, Plan
    from store.domain.ledger.facts import Apology
    from store.domain.ledger.on_device import Reading
    from store.domain.ledger.policies import Policy
    from store.supply_rows import (
        BudgetRow,
        EntryRow,
        ItemRow,
        NoticeRow,
        ReservationRow,
        SagaRow,
    )


def _read_clocks() -> "Reading":
    from store.clocks import read_clocks

    return read_clocks()


class Ledger(ReplicaCore):
    """What the authorities of this home's spaces decide about, and what they are asked for.

    `space` is a name or id: where something is asked for, None is the current one; in lists, all.
    Items, budgets and so on may be named by name, id or a unique start of the id. All writes raise
    DomainError where it can't be asked for; then nothing is kept. `undo` takes each of them back
    while it was not sent, and afterwards where it has a contrary (`store.commands.unasking`).

    Attributes:
        clocks: looks at this machine's clocks.
    """

    clocks: Callable[[], "Reading"] = staticmethod(_read_clocks)

    # -- what is known ---------------------------------------------------------------------------

    def supplies(self, space: str | None = None) -> "list[ItemRow]":
        """Items in stock, by name."""
        from store.queries import supplies

        with self.db.read() as conn:
            return supplies.supplies(conn, self._id_of(space))

    def supply(self, named: str, *, space: str | None = None) -> "ItemRow":
        """One item; raises NotFound, Ambiguous."""
        from store.queries import supplies

        with self.db.read() as conn:
            return supplies.supply(conn, SpaceId(spaces.find_space(conn, space).id), named)

    def reservations(
        self,
        *,
        space: str | None = None,
        item: str | None = None,
        task: str | None = None,
        only_mine: bool = False,
    ) -> "list[ReservationRow]":
        """Reservations in the order of asking, of an item or for a task by their whole ids."""
        from store.queries import reservations

        with self.db.read() as conn:
            return reservations.reservations(
                conn, self._id_of(space), item=item, task=task, only_mine=only_mine
            )

    def reservation(self, named: str) -> "ReservationRow":
        """One reservation by a unique start of its id; raises NotFound, Ambiguous."""
        from store.queries import reservations

        with self.db.read() as conn:
            return reservations.reservation(conn, named)

    def budgets(self, space: str | None = None) -> "list[BudgetRow]":
        """Budgets, by name."""
        from store.queries import budgets

        with self.db.read() as conn:
            return budgets.budgets(conn, self._id_of(space))

    def budget(self, named: str, *, space: str | None = None) -> "BudgetRow":
        """One budget; raises NotFound, Ambiguous."""
        from store.queries import budgets

        with self.db.read() as conn:
            return budgets.budget(conn, SpaceId(spaces.find_space(conn, space).id), named)

    def entries(
        self, about: str | None = None, *, space: str | None = None, limit: int | None = None
    ) -> "list[EntryRow]":
        """The last entries of a space's ledger, newest first; of an item or budget by its id."""
        from store.queries import budgets

        with self.db.read() as conn:
            where = SpaceId(spaces.find_space(conn, space).id)
            return budgets.entries(conn, where, about, limit=limit or budgets.ENTRIES_MAX)

    def bookings(self, *, space: str | None = None, only_stuck: bool = False) -> "list[SagaRow]":
        """Bookings, transfers and what was made good, newest first."""
        from store.queries import budgets

        with self.db.read() as conn:
            return budgets.sagas(conn, self._id_of(space), only_stuck=only_stuck)

    def booking(self, named: str) -> "SagaRow":
        """One of them by a unique start of its id; raises NotFound, Ambiguous."""
        from store.queries import budgets

        with self.db.read() as conn:
            return budgets.saga(conn, named)

    def notices(self, *, space: str | None = None, with_seen: bool = False) -> "list[NoticeRow]":
        """What this person has to be told, newest first."""
        from store.queries import budgets

        with self.db.read() as conn:
            return budgets.notices(conn, self._id_of(space), with_seen=with_seen)

    def apology(self, space: str | None = None) -> "Apology":
        """What people of a space are told where something is taken back, as decided."""
        from store.ledger.books import SqlBooks

        with self.db.read() as conn:
            return SqlBooks(conn, SpaceId(spaces.find_space(conn, space).id)).apology()

    # -- what is asked for -------------------------------------------------------------------------

    def add_item(self, name: str, count: int, policy: "Policy", *, space: str | None = None) -> str:
        """Put something new in stock; gives its id."""
        with self._wishing("stock", space) as ask:
            return ask.add_item(name, count, policy)

    def reserve(
        self,
        item: str,
        count: int,
        *,
        task: str | None = None,
        until_ms: int | None = None,
        space: str | None = None,
    ) -> str:
        """Reserve pieces of an item, or ask for them, as its policy has it.

        Args:
            item: which.
            count: how many.
            task: whole id of the task that they are for.
            until_ms: when the reservation ends by itself.
            space: where.

        Returns:
            The reservation's id; its row says whether it is certain.
        """
        with self._asking(space) as ask:
            reservation = ask.reserve(item, count, task=task, until_ms=until_ms)
            record_act(ask.act, "reserve", [Inverse.of_reservation(reservation)])
        return reservation

    def confirm(self, reservation: str) -> None:
        """Make a hold final."""
        found = self.reservation(reservation)
        with self._wishing("confirm", found.space) as ask:
            ask.confirm(found)

    def release(self, reservation: str) -> None:
        """Give reserved pieces back."""
        found = self.reservation(reservation)
        with self._asking(found.space) as ask:
            ask.release(found)
            wanted = {"item": found.item, "count": found.count, "task": found.task}
            record_act(ask.act, "release", [Inverse.of_release(found.id, ask.space, wanted)])

    def take_quota(self, item: str, count: int, *, space: str | None = None) -> str:
        """Ask for pieces that this device may hand out by itself."""
        with self._wishing("quota", space) as ask:
            return ask.take_quota(item, count)

    def return_quota(self, item: str, count: int, *, space: str | None = None) -> str:
        """Give pieces of this device's quota back."""
        with self._wishing("quota-return", space) as ask:
            return ask.return_quota(item, count)

    def move_quota(self, item: str, count: int, to: str, *, space: str | None = None) -> str:
        """Hand pieces of this device's quota over to another device, by its replica id."""
        with self._wishing("quota-move", space) as ask:
            return ask.move_quota(item, count, to)

    def write_off(self, item: str, holder: str, *, space: str | None = None) -> None:
        """Take a lost device's quota back now, by its replica id."""
        with self._wishing("write-off", space) as ask:
            ask.write_off(item, holder)

    def settle(self, item: str, *, space: str | None = None) -> None:
        """Cancel now what an item was oversold by."""
        with self._wishing("settle", space) as ask:
            ask.settle(item)

    def add_budget(
        self, name: str, currency: str, *, overdraft: str | None = None, space: str | None = None
    ) -> str:
        """Open a budget; gives its id."""
        with self._wishing("budget", space) as ask:
            return ask.add_budget(name, currency, overdraft)

    def deposit(
        self, budget: str, amount: str, *, currency: str | None = None, space: str | None = None
    ) -> str:
        """Put money into a budget from outside, the amount as people write it."""
        with self._wishing("deposit", space) as ask:
            return ask.deposit(budget, amount, currency)

    def transfer(
        self,
        debit: str,
        credit: str,
        amount: str,
        *,
        currency: str | None = None,
        space: str | None = None,
    ) -> str:
        """Move money between two budgets; gives the saga's id."""
        with self._wishing("transfer", space) as ask:
            return ask.transfer(debit, credit, amount, currency)

    def book(self, plan: "Plan", *, space: str | None = None) -> str:
        """Ask for all that a plan names, or nothing of it; gives the saga's id."""
        with self._wishing("book", space) as ask:
            return ask.book(plan)

    def retry_booking(self, saga: str) -> None:
        """Let a stuck booking or transfer go on."""
        found = self.booking(saga)
        with self._wishing("retry", found.space) as ask:
            ask.retry_saga(found)

    def set_apology(
        self,
        text: str,
        *,
        budget: str | None = None,
        amount: str | None = None,
        space: str | None = None,
    ) -> None:
        """Word what people are told where something is taken back, and what they get for it."""
        with self._wishing("apology", space) as ask:
            ask.set_apology(text, budget, amount)

    def note_seen(self, notice: str) -> None:
        """Say that the person has seen a notice, by its whole id; what was refused is forgotten."""
        from store.commands import seeing

        with self.act() as act:
            record_act(act, "know", seeing.note_seen(act, notice))

    def note_told(self, notice: str) -> None:
        """Take a notice off the list that the person reads elsewhere now: no act of theirs."""
        from store.commands import seeing

        with self.act("program") as act:
            seeing.note_seen(act, notice)

    # -- inside ------------------------------------------------------------------------------------

    @contextmanager
    def _asking(self, space: str | None) -> "Iterator[Asking]":
        from store.commands.asking import Asking

        with self.act() as act:
            where = SpaceId(spaces.find_space(act.conn, space).id)
            yield Asking(act, where, self.clocks)

    @contextmanager
    def _wishing(self, label: str, space: str | None) -> "Iterator[Asking]":
        """One wish, which `undo` takes back as long and as far as that goes."""
        from store.commands.unasking import wished

        with self._asking(space) as ask:
            yield ask
            record_act(ask.act, label, [wished(ask.act, ask.space)])

    def _id_of(self, name: str | None) -> SpaceId | None:
        if name is None:
            return None
        with self.db.read() as conn:
            return SpaceId(spaces.find_space(conn, name).id)
