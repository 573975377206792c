"""What a person asks a space's authority for: checked as far as that goes, then kept to be sent.

What can never be right is refused at once, so that nothing of it is kept. What may be right by the
time it arrives (more than is left, more than there is on the account) is asked for. What the device
may say itself meanwhile is `store.domain.ledger.on_device`'s to tell.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from store.commands.checks import ensure_writable
from store.commands.unit_of_work import UnitOfWork
from store.domain.errors import InvalidValue, NotFound, Refused
from store.domain.fields import validated_name, validated_reason
from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.booking import check_items
from store.domain.ledger.ends import DEADLINE_PASSED, UNTIL_PASSED, checked_end
from store.domain.ledger.ids import (
    BUDGET,
    ITEM,
    RESERVATION,
    SAGA,
    TRANSFER,
    new_ledger_id,
)
from store.domain.ledger.money import AMOUNT_MAX, checked_currency, parse_amount
from store.domain.ledger.on_device import Answer, Reading, Said, answer, server_now_ms
from store.domain.ledger.policies import Policy, checked_policy
from store.ledger import outbox
from store.ledger.books import SqlBooks
from store.ledger.contact import contact_of
from store.peers import ROLE_IN_SPACE, PeerState, server_of
from store.queries import budgets, supplies
from store.supply_rows import BudgetRow, ItemRow, ReservationRow, SagaRow

NO_SERVER: Final = "This space has no server that could decide; publish it, and it is asked for."
AWAY: Final = "The server does not accept this device any more; it may never be asked for."


@dataclass(frozen=True, slots=True)
class Asking:
    """One act in which something is asked of one space's authority.

    Attributes:
        act: the act.
        space: whose authority.
        clocks: looks at this machine's clocks.
    """

    act: UnitOfWork
    space: SpaceId
    clocks: Callable[[], Reading]

    @property
    def _conn(self) -> sqlite3.Connection:
        return self.act.conn

    # -- supplies ------------------------------------------------------------------------------

    def add_item(self, name: str, count: int, policy: Policy) -> str:
        """Put something new in stock; gives its id."""
        name = validated_name("name", name)
        if any(row.name == name for row in supplies.supplies(self._conn, self.space)):
            raise Refused(f"There is an item {name} in this space already.")
        item = self._new(ITEM)
        self._put(c.AddItem(item, name, whole(count), checked_policy(policy)))
        return item

    def reserve(
        self, item: str, count: int, *, task: str | None = None, until_ms: int | None = None
    ) -> str:
        """Reserve pieces of an item, or ask for them; gives the reservation's id.

        Raises:
            Refused: the policy does not let this device say yes or ask now.
        """
        row = self._item(item)
        self._check_fits(row, count)
        if task is not None:
            self._check_task(task)
        checked_end(until_ms, self.act.stamp.at_ms, past=UNTIL_PASSED, field="until")
        told, version = self._answer(row, count)
        reservation = self._new(RESERVATION)
        command = c.Reserve(
            reservation,
            row.id,
            count,
            task,
            until_ms,
            version if row.policy.name == "cas" else None,
            is_promised=told.answer == "promised",
            is_certain=told.answer == "certain",
        )
        needs_answer = row.policy.name == "pessimistic"
        self._put(command, told.answer, told.reason, needs_answer=needs_answer)
        return reservation

    def confirm(self, found: ReservationRow) -> None:
        """Make a hold final; raises Refused where it has ended."""
        if found.state not in ("requested", "certain", "confirmed"):
            raise Refused(f"The reservation has ended: {found.state}. {found.reason}".rstrip())
        if found.state == "confirmed" and found.is_final:
            raise Refused("It is confirmed already; nothing is to be done.")
        now_ms = server_now_ms(contact_of(self._conn, self.space), self.clocks())
        if None not in (now_ms, found.expires_at_ms) and found.expires_at_ms <= now_ms:  # type: ignore[operator]
            raise Refused("The hold has expired, and the pieces went back; reserve again.")
        self._put(c.Confirm(found.id))

    def release(self, found: ReservationRow) -> None:
        """Give reserved pieces back, or take the wish for them back; raises Refused."""
        if found.state not in ("requested", "certain", "confirmed"):
            raise Refused(f"The reservation has ended: {found.state}. {found.reason}".rstrip())
        asked = outbox.about(self._conn, found.id)
        if any(one.kind == "release" and one.state != "refused" for one in asked):
            raise Refused("It is being given back already.")
        ensure_writable(self._conn, self.space)
        undecided = [one for one in asked if one.state == "waiting"]
        for one in undecided:
            outbox.withdraw(self._conn, one)
        self.act.ledgers.add(self.space)
        if not any(one.kind == "reserve" for one in undecided):
            self._put(c.Release(found.id))

    def take_quota(self, item: str, count: int) -> str:
        """Ask for pieces that this device may hand out by itself; gives the transfer's id."""
        row = self._escrow_item(item)
        self._check_fits(row, count)
        return self._put_transfer(lambda name: c.TakeQuota(name, row.id, count))

    def return_quota(self, item: str, count: int) -> str:
        """Give pieces of this device's quota back; raises Refused where it has not that many."""
        row = self._escrow_item(item)
        self._check_held(row, count)
        return self._put_transfer(lambda name: c.ReturnQuota(name, row.id, count))

    def move_quota(self, item: str, count: int, to: str) -> str:
        """Hand pieces of this device's quota over to another device."""
        row = self._escrow_item(item)
        self._check_held(row, count)
        return self._put_transfer(lambda name: c.MoveQuota(name, row.id, count, to))

    def write_off(self, item: str, holder: str) -> None:
        """Take a lost device's quota back now (owners)."""
        self._needs_owner("write a device's quota off")
        self._put(c.WriteOff(self._escrow_item(item).id, holder))

    def settle(self, item: str) -> None:
        """Cancel now what an item was oversold by, instead of after its time."""
        row = self._item(item)
        if row.policy.name != "oversell":
            raise Refused(f"{row.name} is never given away twice; there is nothing to cancel.")
        self._put(c.Settle(row.id))

    # -- money ---------------------------------------------------------------------------------

    def add_budget(self, name: str, currency: str, overdraft: str | None = None) -> str:
        """Open a budget; gives its id."""
        name, code = validated_name("name", name), checked_currency(currency)
        if any(row.name == name for row in budgets.budgets(self._conn, self.space)):
            raise Refused(f"There is a budget {name} in this space already.")
        below = 0 if overdraft is None else parse_amount(overdraft, code)
        if below:
            self._needs_owner("let a budget be overdrawn")
        budget = self._new(BUDGET)
        self._put(c.AddBudget(budget, name, code, below))
        return budget

    def deposit(self, budget: str, amount: str, currency: str | None = None) -> str:
        """Put money into a budget from outside; gives the transfer's id."""
        row = self._budget(budget)
        minor = _amount(row, amount, currency)
        return self._put_transfer(lambda name: c.Deposit(name, row.id, minor, row.currency))

    def transfer(self, debit: str, credit: str, amount: str, currency: str | None = None) -> str:
        """Move money between two budgets; gives the saga's id."""
        out, into = self._budget(debit), self._budget(credit)
        self._check_pair(out, into)
        saga = self._new(SAGA)
        minor = _amount(out, amount, currency)
        self._put(c.TransferMoney(saga, out.id, into.id, minor, out.currency))
        return saga

    def book(self, plan: "Plan") -> str:
        """Ask for all that a plan names, or nothing; gives the saga's id."""
        check_items([name for name, _ in plan.items])
        wanted = []
        for name, count in plan.items:
            row = self._item(name)
            self._check_fits(row, count)
            wanted.append(c.Wanted(row.id, count))
        check_items([each.item for each in wanted])  # two names may be of one item
        if plan.task is not None:
            self._check_task(plan.task)
        now_ms = self.act.stamp.at_ms
        checked_end(plan.deadline_ms, now_ms, past=DEADLINE_PASSED, field="deadline")
        saga = self._new(SAGA)
        name = validated_name("name", plan.name)
        fee = None if plan.fee is None else self._fee(plan.fee)
        self._put(c.Book(saga, name, tuple(wanted), fee, plan.deadline_ms, plan.task))
        return saga

    def retry_saga(self, found: SagaRow) -> None:
        """Let a stuck saga go on; raises Refused where it is not stuck."""
        if found.state != "stuck":
            raise Refused(f"{found.name} is not stuck, it is {found.state}.")
        self._put(c.RetrySaga(found.id))

    def set_apology(self, text: str, budget: str | None, amount: str | None) -> None:
        """Word what people are told where something is taken back, and what they get (owners)."""
        self._needs_owner("word the apology")
        words = validated_reason(text) or ""
        if (budget is None) != (amount is None):
            raise InvalidValue("A credit needs a budget and an amount; name both.", field="credit")
        if budget is None or amount is None:
            self._put(c.SetApology(words))
            return
        row = self._budget(budget)
        self._put(c.SetApology(words, row.id, parse_amount(amount, row.currency)))

    # -- inside --------------------------------------------------------------------------------

    def _answer(self, row: ItemRow, count: int) -> tuple[Said, int | None]:
        """What this device may say by itself, and the version of the item that it has seen."""
        server = server_of(self._conn, self.space)
        item = SqlBooks(self._conn, self.space).item(row.id)
        if server is None:
            if row.policy.name in ("pessimistic", "probabilistic"):
                raise Refused(f"{row.name} can be reserved only in a space with a server.")
            return Said("requested", NO_SERVER), None
        if item is None:
            return Said("requested", "The item itself is not decided yet."), 1
        if row.policy.name == "pessimistic":
            return Said("requested", "The server is asked now, or it is refused."), None
        known = supplies.known_of(self._conn, self.space, row.id)
        contact = contact_of(self._conn, self.space)
        told = answer(item, known, count, contact, self.clocks())
        if told.answer == "refused":
            raise Refused(told.reason)
        if server.state == PeerState.AUTH_REFUSED:
            return Said("requested", AWAY), item.version
        return told, item.version

    def _put(
        self,
        command: c.Command,
        said: Answer | Literal[""] = "",
        reason: str = "",
        *,
        needs_answer: bool = False,
    ) -> None:
        ensure_writable(self._conn, self.space)
        if outbox.waiting(self._conn, self.space) >= outbox.WAITING_MAX:
            raise Refused(
                f"{outbox.WAITING_MAX} things wait to be asked of the server already; sync first."
            )
        self.act.ledgers.add(self.space)
        now_ms = self.act.stamp.at_ms
        outbox.put(
            self._conn,
            self.space,
            self.act.new_key(),
            command,
            now_ms,
            said=said,
            reason=reason,
            needs_answer=needs_answer,
        )

    def _put_transfer(self, make: Callable[[str], c.Command]) -> str:
        name = self._new(TRANSFER)
        self._put(make(name))
        return name

    def _new(self, letter: str) -> str:
        return new_ledger_id(letter, self.act.world.entropy(16))

    def _item(self, named: str) -> ItemRow:
        return supplies.supply(self._conn, self.space, named)

    def _budget(self, named: str) -> BudgetRow:
        return budgets.budget(self._conn, self.space, named)

    def _escrow_item(self, named: str) -> ItemRow:
        row = self._item(named)
        if row.policy.name != "escrow":
            raise Refused(f"{row.name} has no quotas; only items that are sure offline have.")
        return row

    def _check_fits(self, row: ItemRow, count: int) -> None:
        most = row.count - row.policy.floor(row.count)
        if whole(count) > most:
            raise Refused(f"There are only {row.count} × {row.name}; {count} can't be had.")

    def _check_held(self, row: ItemRow, count: int) -> None:
        if whole(count) > row.quota:
            raise Refused(f"This device's quota of {row.name} is {row.quota}, not {count}.")

    def _check_pair(self, out: BudgetRow, into: BudgetRow) -> None:
        if out.id == into.id:
            raise InvalidValue("Name two different budgets.", field="budget")
        if out.currency != into.currency:
            raise InvalidValue(
                f"{out.name} is kept in {out.currency} and {into.name} in {into.currency}; "
                "money moves only within one currency.",
                field="currency",
            )

    def _fee(self, fee: "PlanFee") -> c.Fee:
        out, into = self._budget(fee.debit), self._budget(fee.credit)
        self._check_pair(out, into)
        return c.Fee(out.id, into.id, _amount(out, fee.amount, fee.currency), out.currency)

    def _check_task(self, task: str) -> None:
        found = self._conn.execute(
            "SELECT space FROM item WHERE doc = ? AND kind = 'task' AND purged = 0", (task,)
        ).fetchone()
        if found is None or found[0] != self.space:
            raise NotFound(f"There is no task {task[:60]!a} in this space to reserve for.")

    def _needs_owner(self, what: str) -> None:
        row = self._conn.execute(
            f"SELECT {ROLE_IN_SPACE} FROM space WHERE space.id = ?", (self.space,)
        ).fetchone()
        if row is not None and row[0] not in (None, "owner"):
            raise Refused(f"Only an owner of the space may {what}; ask one.")


@dataclass(frozen=True, slots=True)
class PlanFee:
    """What a plan pays: budgets by name or id, the amount as people write it."""

    debit: str
    credit: str
    amount: str
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A booking as a person writes it: items by name or id with their counts."""

    name: str
    items: tuple[tuple[str, int], ...]
    fee: PlanFee | None = None
    deadline_ms: int | None = None
    task: str | None = None


def whole(count: int) -> int:
    """Give a number of pieces back; raises InvalidValue where it is none."""
    if count <= 0:
        raise InvalidValue("A count is a whole number above zero.", field="count")
    if count > AMOUNT_MAX:
        raise InvalidValue("That is more than a ledger counts at once.", field="count")
    return count


def _amount(row: BudgetRow, amount: str, currency: str | None) -> int:
    if currency is not None and checked_currency(currency) != row.currency:
        raise InvalidValue(
            f"{row.name} is kept in {row.currency}, not in {checked_currency(currency)}.",
            field="currency",
        )
    return parse_amount(amount, row.currency)
