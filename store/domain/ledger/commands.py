"""What members ask the authority for. A command may be refused; then nothing of it happened.

Ids of what is made come with the command, so that a repeated one makes the same thing once. Times
are Unix milliseconds by the server's clock, amounts minor units, counts pieces.
"""

from dataclasses import dataclass

from store.domain.ledger.policies import Policy


@dataclass(frozen=True, slots=True)
class AddItem:
    """Put something new in stock."""

    id: str
    name: str
    count: int
    policy: Policy


@dataclass(frozen=True, slots=True)
class Reserve:
    """Ask for pieces of an item.

    Attributes:
        until_ms: when the reservation ends by itself; None = never (a hold: when its time is up).
        version: cas: the item's version that the device saw.
        is_promised: probabilistic: the device said yes to the person already.
        is_certain: escrow: the device took them out of its quota already.
    """

    id: str
    item: str
    count: int
    task: str | None = None
    until_ms: int | None = None
    version: int | None = None
    is_promised: bool = False
    is_certain: bool = False


@dataclass(frozen=True, slots=True)
class Confirm:
    """Make a hold final."""

    reservation: str


@dataclass(frozen=True, slots=True)
class Release:
    """Give reserved pieces back."""

    reservation: str


@dataclass(frozen=True, slots=True)
class TakeQuota:
    """Ask for pieces that this device may hand out by itself; renews the time of those it has."""

    id: str
    item: str
    count: int


@dataclass(frozen=True, slots=True)
class ReturnQuota:
    """Give pieces of the device's quota back to the stock."""

    id: str
    item: str
    count: int


@dataclass(frozen=True, slots=True)
class MoveQuota:
    """Hand pieces of the device's quota over to another device."""

    id: str
    item: str
    count: int
    to: str


@dataclass(frozen=True, slots=True)
class WriteOff:
    """Take a lost device's quota back now, whatever it may have promised (owners)."""

    item: str
    holder: str


@dataclass(frozen=True, slots=True)
class Settle:
    """Cancel now what an item was oversold by."""

    item: str


@dataclass(frozen=True, slots=True)
class AddBudget:
    """Open an account for money. `overdraft`: how far below zero it may go (owners)."""

    id: str
    name: str
    currency: str
    overdraft: int = 0


@dataclass(frozen=True, slots=True)
class Deposit:
    """Put money into a budget from outside."""

    id: str
    budget: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class TransferMoney:
    """Move money between budgets, as a saga."""

    id: str
    debit: str
    credit: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Pieces of an item that a booking wants."""

    item: str
    count: int


@dataclass(frozen=True, slots=True)
class Fee:
    """What a booking pays from one budget to another."""

    debit: str
    credit: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Book:
    """Reserve several items, pay a fee and confirm: all of it or, in the end, nothing."""

    id: str
    name: str
    items: tuple[Wanted, ...]
    fee: Fee | None = None
    deadline_ms: int | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class RetrySaga:
    """Try a stuck saga again."""

    saga: str


@dataclass(frozen=True, slots=True)
class SetApology:
    """Say what people are told where something is taken back, and what they get (owners)."""

    text: str
    budget: str | None = None
    amount: int = 0


Command = (
    AddItem
    | Reserve
    | Confirm
    | Release
    | TakeQuota
    | ReturnQuota
    | MoveQuota
    | WriteOff
    | Settle
    | AddBudget
    | Deposit
    | TransferMoney
    | Book
    | RetrySaga
    | SetApology
)
