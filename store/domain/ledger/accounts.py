"""Double entry: every transfer moves a whole number of one unit from one account to another.

    pending  counts against what the debited account has available; nothing has moved yet
    posted   has moved; for ever
    voided   was pending and is no more, because somebody took it back
    expired  was pending and is no more, because its time was up

A transfer is named by its id and never changed: to enter it again is to do nothing, to enter
another one under its id is refused. What a posted one did is undone by one that goes back. The
words are TigerBeetle's. An account's floor is how low it may go: 0 = it can't be overdrawn, None =
no bound (where things come from).
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

from store.domain.errors import InvalidValue, Refused
from store.domain.ledger.money import checked_amount, shown_amount

TransferState = Literal["pending", "posted", "voided", "expired"]
AccountKind = Literal["stock", "out", "lease", "budget", "credit", "world"]

PIECES: Final = "pcs"  # the unit of items; any other unit is a currency
BALANCE_MAX: Final = 1 << 60


class Insufficient(Refused):
    """An account does not have that much available.

    Attributes:
        account: which one.
        available: what it has.
    """

    type = "insufficient"
    title = "Not enough left"

    def __init__(self, detail: str, *, account: str, available: int) -> None:
        """Say in one sentence what is missing."""
        super().__init__(detail)
        self.account = account
        self.available = available


@dataclass(frozen=True, slots=True)
class Account:
    """An account and its sums, in its unit.

    Attributes:
        id: unique in the space.
        kind: what it is for.
        name: for people.
        unit: `pcs` or a currency.
        floor: what `available` may not fall below; None = no bound.
        posted: what came in less what went out.
        pending_out: of pending transfers out of it.
        pending_in: of pending transfers into it.
    """

    id: str
    kind: AccountKind
    name: str
    unit: str
    floor: int | None = 0
    posted: int = 0
    pending_out: int = 0
    pending_in: int = 0

    @property
    def available(self) -> int:
        """What can go out now, as far as it stands above zero."""
        return self.posted - self.pending_out

    def shown(self, amount: int) -> str:
        """Write an amount of its unit for people."""
        if self.unit == PIECES:
            return str(amount)
        return f"{shown_amount(amount, self.unit)} {self.unit}"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer; `cause` is the id of the command, reservation or saga that it belongs to."""

    id: str
    debit: str
    credit: str
    amount: int
    unit: str
    state: TransferState
    cause: str
    at_ms: int
    expires_at_ms: int | None = None
    reason: str = ""

    def is_same(self, other: "Transfer") -> bool:
        """Whether both move the same, whatever became of them and whoever noticed.

        A fee goes back once, though two things of its booking are cancelled one by one.
        """
        return (self.debit, self.credit, self.amount, self.unit) == (
            other.debit,
            other.credit,
            other.amount,
            other.unit,
        )


def check_enter(debit: Account, credit: Account, transfer: Transfer) -> None:
    """Check that a new transfer may be entered.

    Raises:
        InvalidValue: no whole number above zero, one account twice, or different units.
        Insufficient: the debited account would fall below its floor.
    """
    checked_amount(transfer.amount)
    if debit.id == credit.id:
        raise InvalidValue("Name two different accounts.", field="account")
    if not debit.unit == credit.unit == transfer.unit:
        raise InvalidValue(
            f"{debit.name} is kept in {debit.unit} and {credit.name} in {credit.unit}, "
            f"not both in {transfer.unit}.",
            field="currency",
        )
    if debit.floor is not None and debit.available - transfer.amount < debit.floor:
        raise Insufficient(
            f"{debit.name} has {debit.shown(max(0, debit.available - debit.floor))} left, "
            f"not {debit.shown(transfer.amount)}.",
            account=debit.id,
            available=debit.available,
        )
    if credit.posted + credit.pending_in + transfer.amount > BALANCE_MAX:
        raise InvalidValue(f"{credit.name} can't hold that much.", field="amount")


def entered(debit: Account, credit: Account, transfer: Transfer) -> tuple[Account, Account]:
    """Give both accounts as they are after a transfer was entered."""
    if transfer.state == "pending":
        return (
            replace(debit, pending_out=debit.pending_out + transfer.amount),
            replace(credit, pending_in=credit.pending_in + transfer.amount),
        )
    return (
        replace(debit, posted=debit.posted - transfer.amount),
        replace(credit, posted=credit.posted + transfer.amount),
    )


def resolved(
    debit: Account, credit: Account, transfer: Transfer, state: TransferState
) -> tuple[Account, Account]:
    """Give both accounts as they are after a pending transfer has ended."""
    moved = transfer.amount if state == "posted" else 0
    return (
        replace(
            debit,
            pending_out=debit.pending_out - transfer.amount,
            posted=debit.posted - moved,
        ),
        replace(
            credit,
            pending_in=credit.pending_in - transfer.amount,
            posted=credit.posted + moved,
        ),
    )
