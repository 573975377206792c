"""What the authority has decided, as facts; a replica folds them in the order of the ledger.

Facts that say `...Set` are the whole of one thing as it stands from then on; transfers are entered
once and end once. One decision gives one act: its facts hold together or not at all.
"""

from dataclasses import dataclass, replace
from typing import Literal

from store.domain.ledger.accounts import Account, Transfer, TransferState
from store.domain.ledger.policies import Policy

ReservationState = Literal["confirmed", "expired", "released", "compensated"]
SagaState = Literal["running", "completed", "compensating", "compensated", "stuck"]
StepState = Literal["waiting", "done", "failed", "undone"]
StepKind = Literal["check", "hold", "pay", "confirm", "post", "back", "credit", "record"]
LeaseState = Literal["open", "ended", "revoked"]


@dataclass(frozen=True, slots=True)
class Item:
    """Something in stock.

    Attributes:
        count: pieces that there are, promised or not.
        version: moves with every decision about it (compare and set).
        oversold_at_ms: when a yes last took it below zero; None while it is not.
        wrong_guesses: how often a device's yes had to be made good.
    """

    id: str
    name: str
    policy: Policy
    count: int
    version: int = 1
    oversold_at_ms: int | None = None
    wrong_guesses: int = 0

    def moved(self) -> "Item":
        """The item after one more decision about it."""
        return replace(self, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A promise of some pieces to somebody; its transfer has the same id.

    Attributes:
        holder: replica id of who asked; `person` is for display.
        tier: of who asked; the lowest is cancelled first.
        asked: its place in the order of asking.
        is_final: nothing more is to be confirmed.
        expires_at_ms: when it ends by itself (server clock); None = never.
        task: what it is for.
        saga: the booking that it belongs to.
    """

    id: str
    item: str
    count: int
    state: ReservationState
    holder: str
    person: str
    tier: int
    asked: int
    is_final: bool = True
    expires_at_ms: int | None = None
    reason: str = ""
    task: str | None = None
    saga: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """A device's quota of an item; how much is left is the balance of its account.

    Attributes:
        expires_at_ms: server clock; the device stops being certain a margin before.
    """

    item: str
    holder: str
    expires_at_ms: int
    state: LeaseState


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a saga, as data: what it does, and by that how it is undone.

    Attributes:
        name: for people and `--json`.
        kind: what it does.
        transfer: id of the transfer that it makes, or that it takes back.
        debit, credit, amount, unit: of that transfer.
        item: of a hold.
        attempts: how often its effect or its compensation was tried.
    """

    name: str
    kind: StepKind
    transfer: str = ""
    debit: str = ""
    credit: str = ""
    amount: int = 0
    unit: str = ""
    item: str = ""
    state: StepState = "waiting"
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Saga:
    """Work of several steps.

    Attributes:
        kind: `booking` and `transfer` go back where they fail; `compensation` only goes on.
        next_at_ms: not to be tried before.
        deadline_ms: a booking that is not complete by then goes back.
        reason: why it goes back, or is stuck.
    """

    id: str
    kind: Literal["booking", "transfer", "compensation"]
    name: str
    state: SagaState
    holder: str
    person: str
    tier: int
    steps: tuple[Step, ...]
    at_ms: int
    next_at_ms: int = 0
    deadline_ms: int | None = None
    reason: str = ""
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Apology:
    """What the owner says where something had to be taken back, and may give for it."""

    text: str
    budget: str | None = None
    amount: int = 0


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """A new account, or another name or floor of one."""

    account: Account


@dataclass(frozen=True, slots=True)
class Entered:
    """A new transfer, pending or posted at once."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class Resolved:
    """The end of a pending transfer."""

    transfer: str
    state: TransferState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ItemSet:
    """An item as it stands."""

    item: Item


@dataclass(frozen=True, slots=True)
class ReservationSet:
    """A reservation as it stands."""

    reservation: Reservation


@dataclass(frozen=True, slots=True)
class LeaseSet:
    """A quota as it stands."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class SagaSet:
    """A saga as it stands."""

    saga: Saga


@dataclass(frozen=True, slots=True)
class ApologySet:
    """The space's apology from now on."""

    apology: Apology


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a command. `type` and `detail` say why where `ok` is false.

    Attributes:
        key: its idempotency key.
        fingerprint: hash of its body; another body under the same key is refused.
        subject: id of what it was about.
    """

    key: str
    fingerprint: bytes
    replica: str
    ok: bool
    subject: str = ""
    type: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something that a person has to be told: what was taken back, and why.

    Attributes:
        holder: replica id of who is told.
        about: id of the reservation or saga.
        apology: the owner's words.
        credit, currency: what was given for it, in minor units.
    """

    id: str
    holder: str
    person: str
    kind: Literal["compensated", "undone"]
    about: str
    text: str
    reason: str
    at_ms: int
    apology: str = ""
    credit: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class BegunAnew:
    """The ledger has a new generation (it was restored); what follows is all that there is."""

    before: bytes
    upto: int


Fact = (
    AccountOpened
    | Entered
    | Resolved
    | ItemSet
    | ReservationSet
    | LeaseSet
    | SagaSet
    | ApologySet
    | Decided
    | Noticed
    | BegunAnew
)
