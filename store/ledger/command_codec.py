"""Commands as they are stored in an outbox and sent: one struct each, told apart by `type`.

    {"type": "reserve", "id": "v...", "item": "i...", "count": 2}

Strict, other than messages: an unknown field might change what is asked for, so it is refused, and
so is an unknown type. Fields at their default are left out; that way a field which a later version
adds changes nothing about what was asked before, nor its fingerprint. Here only shapes and sizes
are checked; whether a count or an amount makes sense is for the rules to say, in a sentence.
"""

import hashlib
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from store.domain.errors import InvalidValue
from store.domain.ledger import commands as c
from store.domain.ledger.policies import Policy as DomainPolicy
from store.domain.ledger.policies import PolicyName
from store.domain.limits import NAME_CHARS_MAX, REASON_CHARS_MAX
from store.undecodable import UNDECODABLE

COMMAND_BYTES_MAX: Final = 16 << 10  # the largest is a booking of fifty items: 4 KiB
_WHOLE_MAX: Final = (1 << 53) - 1  # what every JSON reader can hold

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Name = Annotated[str, Meta(max_length=NAME_CHARS_MAX)]
Currency = Annotated[str, Meta(max_length=8)]
Whole = Annotated[int, Meta(ge=-_WHOLE_MAX, le=_WHOLE_MAX)]

_STRICT: Final = {"frozen": True, "forbid_unknown_fields": True, "omit_defaults": True}
_POLICY: Final = DomainPolicy("escrow")


class Policy(Struct, **_STRICT):
    """See `store.domain.ledger.policies.Policy`; here as in the rest the names are the same."""

    name: PolicyName
    hold_ms: Whole = _POLICY.hold_ms
    oversell_percent: Whole = _POLICY.oversell_percent
    settle_after_ms: Whole = _POLICY.settle_after_ms
    sure_percent: Whole = _POLICY.sure_percent
    lease_ms: Whole = _POLICY.lease_ms


class AddItem(Struct, tag="add-item", **_STRICT):
    """Put something new in stock."""

    id: Id
    name: Name
    count: Whole
    policy: Policy


class Reserve(Struct, tag="reserve", **_STRICT):
    """Ask for pieces of an item."""

    id: Id
    item: Id
    count: Whole
    task: Id | None = None
    until_ms: Whole | None = None
    version: Whole | None = None
    is_promised: bool = False
    is_certain: bool = False


class Confirm(Struct, tag="confirm", **_STRICT):
    """Make a hold final."""

    reservation: Id


class Release(Struct, tag="release", **_STRICT):
    """Give reserved pieces back."""

    reservation: Id


class TakeQuota(Struct, tag="take-quota", **_STRICT):
    """Ask for a quota."""

    id: Id
    item: Id
    count: Whole


class ReturnQuota(Struct, tag="return-quota", **_STRICT):
    """Give pieces of a quota back."""

    id: Id
    item: Id
    count: Whole


class MoveQuota(Struct, tag="move-quota", **_STRICT):
    """Hand pieces of a quota over."""

    id: Id
    item: Id
    count: Whole
    to: Id


class WriteOff(Struct, tag="write-off", **_STRICT):
    """Take a lost device's quota back now."""

    item: Id
    holder: Id


class Settle(Struct, tag="settle", **_STRICT):
    """Cancel now what an item was oversold by."""

    item: Id


class AddBudget(Struct, tag="add-budget", **_STRICT):
    """Open an account for money."""

    id: Id
    name: Name
    currency: Currency
    overdraft: Whole = 0


class Deposit(Struct, tag="deposit", **_STRICT):
    """Put money into a budget from outside."""

    id: Id
    budget: Id
    amount: Whole
    currency: Currency


class TransferMoney(Struct, tag="transfer-money", **_STRICT):
    """Move money between budgets."""

    id: Id
    debit: Id
    credit: Id
    amount: Whole
    currency: Currency


class Wanted(Struct, **_STRICT):
    """Pieces of an item that a booking wants."""

    item: Id
    count: Whole


class Fee(Struct, **_STRICT):
    """What a booking pays."""

    debit: Id
    credit: Id
    amount: Whole
    currency: Currency


class Book(Struct, tag="book", **_STRICT):
    """Reserve several items, pay a fee and confirm."""

    id: Id
    name: Name
    items: Annotated[tuple[Wanted, ...], Meta(max_length=200)]
    fee: Fee | None = None
    deadline_ms: Whole | None = None
    task: Id | None = None


class RetrySaga(Struct, tag="retry-saga", **_STRICT):
    """Try a stuck saga again."""

    saga: Id


class SetApology(Struct, tag="set-apology", **_STRICT):
    """Say what people are told, and get, where something is taken back."""

    text: Annotated[str, Meta(max_length=REASON_CHARS_MAX)]
    budget: Id | None = None
    amount: Whole = 0


AskedCommand = (
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

_PAIRS: Final[tuple[tuple[type[Any], type[Any]], ...]] = (
    (c.AddItem, AddItem),
    (c.Reserve, Reserve),
    (c.Confirm, Confirm),
    (c.Release, Release),
    (c.TakeQuota, TakeQuota),
    (c.ReturnQuota, ReturnQuota),
    (c.MoveQuota, MoveQuota),
    (c.WriteOff, WriteOff),
    (c.Settle, Settle),
    (c.AddBudget, AddBudget),
    (c.Deposit, Deposit),
    (c.TransferMoney, TransferMoney),
    (c.Book, Book),
    (c.RetrySaga, RetrySaga),
    (c.SetApology, SetApology),
)
_FORMS: Final = dict(_PAIRS)
_COMMANDS: Final = {form: command for command, form in _PAIRS}
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(AskedCommand)


def asked_form(command: c.Command) -> AskedCommand:
    """Give a command the form in which it is sent.

    Raises:
        InvalidValue: a text in it is longer, or a number larger, than can be sent.
    """
    try:
        asked: AskedCommand = msgspec.convert(
            command, type=_FORMS[type(command)], from_attributes=True
        )
    except msgspec.ValidationError as error:
        raise InvalidValue(f"That can't be asked for: {error}.") from error
    return asked


def command_of(asked: AskedCommand) -> c.Command:
    """Give what was sent back as a command."""
    command: c.Command = msgspec.convert(asked, type=_COMMANDS[type(asked)], from_attributes=True)
    return command


def encode_command(command: c.Command) -> bytes:
    """Write a command, to be stored or fingerprinted; raises InvalidValue as `asked_form`."""
    return _encoder.encode(asked_form(command))


def decode_command(body: bytes) -> c.Command:
    """Read a command; raises InvalidValue where it is none, or larger than one can be."""
    if len(body) > COMMAND_BYTES_MAX:
        raise InvalidValue(f"A command has at most {COMMAND_BYTES_MAX} bytes.")
    try:
        return command_of(_decoder.decode(body))
    except UNDECODABLE as error:
        raise InvalidValue(f"That is no command: {error}.") from error


def fingerprint(command: c.Command) -> bytes:
    """The 32 bytes by which a command is known again, however it travelled and whoever sends it."""
    return hashlib.sha256(encode_command(command)).digest()
