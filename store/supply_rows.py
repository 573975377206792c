"""The frozen rows that reads of supplies, budgets and bookings give out; amounts in minor units.

`space` is the space's name, times are Unix ms in UTC, ids are whole, `is_mine` means of this device
or of the same person on another one.
"""

from dataclasses import dataclass
from typing import Literal

from store.domain.ledger.facts import SagaState, StepState
from store.domain.ledger.policies import Policy

ReservedState = Literal[
    "certain", "requested", "confirmed", "rejected", "expired", "released", "compensated"
]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """Something in stock, as far as it is known here.

    Attributes:
        count: pieces that there are, promised or not.
        available: what nobody has, less what was asked for here.
        pending: asked for here and not decided, and held by others until they confirm.
        reserved: mine, promised for good.
        requested: mine, only asked for.
        quota: what this device may still hand out by itself.
        lease_ends_at_ms: until when it may, by the server's clock; None = it has no quota.
        known_at_ms: how old all this is, by the server's clock; None = never heard.
        is_asked: it was put in stock here, and the authority has not said yes yet.
        wrong_guesses: how often a device's yes had to be made good, of anybody.
    """

    id: str
    space: str
    name: str
    count: int
    available: int
    pending: int
    policy: Policy
    reserved: int
    requested: int
    quota: int
    lease_ends_at_ms: int | None
    known_at_ms: int | None
    is_asked: bool
    wrong_guesses: int


@dataclass(frozen=True, slots=True)
class ReservationRow:
    """Pieces of an item that somebody has, wants or had.

    Attributes:
        state: `certain` = out of this device's quota, `requested` = not decided; else as decided.
        is_final: nothing is to be confirmed any more.
        expires_at_ms: when it ends by itself, by the server's clock.
        sync_before_ms: of a certain one: until when this device has to have said so (D25).
        number: its place in the order of asking; what was not decided comes last.
    """

    id: str
    space: str
    item: str
    item_name: str
    count: int
    state: ReservedState
    reason: str
    is_final: bool
    expires_at_ms: int | None
    person: str
    is_mine: bool
    task: str | None
    saga: str | None
    number: int
    sync_before_ms: int | None = None


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A budget: what can be spent, what is on its way out, and what on its way in.

    Attributes:
        floor: how low `available` may go, 0 or below.
        is_asked: it was opened here, and the authority has not said yes yet.
    """

    id: str
    space: str
    name: str
    currency: str
    available: int
    pending: int
    incoming: int
    floor: int
    is_asked: bool


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One transfer of the ledger, for the audit trail; `unit` is `pcs` or a currency.

    Attributes:
        person: whose reservation, booking or transfer it belongs to; empty where it is of none.
        purpose: name of that booking or transfer; empty where it is of none.
    """

    id: str
    at_ms: int
    debit: str
    credit: str
    amount: int
    unit: str
    state: str
    cause: str
    reason: str
    person: str
    purpose: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a saga."""

    name: str
    state: StepState
    attempts: int


@dataclass(frozen=True, slots=True)
class SagaRow:
    """Work of several steps; `is_asked` means that the authority has not begun it yet."""

    id: str
    space: str
    kind: str
    name: str
    state: SagaState
    steps: tuple[StepRow, ...]
    reason: str
    person: str
    is_mine: bool
    task: str | None
    at_ms: int
    is_asked: bool


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """Something that this person is told: a refusal of what was asked for, or a cancellation.

    Attributes:
        kind: `refused`, or why the authority tells it.
        about: id of the reservation, saga or other thing.
        title: what it is about, in a few words.
        task: the task that it was for.
        apology: the owner's words.
        credit: given for it, in minor units of `currency`.
        is_seen: the person has said so.
    """

    id: str
    space: str
    kind: str
    about: str
    title: str
    text: str
    reason: str
    task: str | None
    at_ms: int
    apology: str
    credit: int
    currency: str
    is_seen: bool
