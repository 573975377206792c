"""The ledger's values as rows of the books, and back: which columns, in which order.

A value's fields stand in columns of their names, and where nothing is said here of the way back, in
their order. Policies and steps of sagas are JSON in a column: they are read whole or not at all.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from store.domain.ledger.facts import Item, Reservation, Saga, Step
from store.domain.ledger.policies import Policy

Row = tuple[Any, ...]

_steps_decoder: Final = msgspec.json.Decoder(tuple[Step, ...])
_policy_decoder: Final = msgspec.json.Decoder(Policy)
_encoder: Final = msgspec.json.Encoder()
_JSON: Final = frozenset({"policy", "steps"})


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the books. Each has a column `space` besides.

    Attributes:
        name: of the table.
        columns: in order, with commas between them.
        keys: what names a row, in the same form.
    """

    name: str
    columns: str
    keys: str = "space, id"

    def row(self, value: object) -> Row:
        """Make the row of a value."""
        fields = ((name, getattr(value, name)) for name in self.columns.split(", "))
        return tuple(_text(each) if name in _JSON else each for name, each in fields)

    def selected(self, where: str) -> str:
        """The statement that reads rows of a space (the first parameter) for which more is so."""
        return f"SELECT {self.columns} FROM {self.name} WHERE space = ?{where}"

    def inserted(self) -> str:
        """The statement that adds a row: parameters are the space and the columns."""
        marks = ", ".join("?" * (len(self.columns.split(",")) + 1))
        return f"INSERT INTO {self.name} (space, {self.columns}) VALUES ({marks})"

    def put(self, *, changed: str = "") -> str:
        """The statement that adds a row, or changes some (none named: all) columns of it."""
        names = [each.strip() for each in (changed or self.columns).split(",")]
        keys = self.keys.split(", ")
        sets = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
        return f"{self.inserted()} ON CONFLICT ({self.keys}) DO UPDATE SET {sets}"


ACCOUNTS: Final = Table("account", "id, kind, name, unit, floor, posted, pending_out, pending_in")
TRANSFERS: Final = Table(
    "transfer", "id, debit, credit, amount, unit, state, cause, at_ms, expires_at_ms, reason"
)
ITEMS: Final = Table("stock", "id, name, policy, count, version, oversold_at_ms, wrong_guesses")
RESERVATIONS: Final = Table(
    "reservation",
    "id, item, count, state, holder, person, tier, asked, is_final, expires_at_ms, reason, task,"
    " saga",
)
LEASES: Final = Table("lease", "item, holder, expires_at_ms, state", "space, item, holder")
SAGAS: Final = Table(
    "saga",
    "id, kind, name, state, holder, person, tier, at_ms, next_at_ms, deadline_ms, reason, task,"
    " steps",
)
NOTICES: Final = Table(
    "notice", "id, holder, person, kind, about, text, reason, at_ms, apology, credit, currency"
)
APOLOGIES: Final = Table("apology", "text, budget, amount", "space")
TABLES: Final = (ACCOUNTS, TRANSFERS, ITEMS, RESERVATIONS, LEASES, SAGAS, NOTICES, APOLOGIES)


def item_of(row: Row) -> Item:
    """Make an item of its row."""
    item, name, policy, *rest = row
    return Item(item, name, _policy_decoder.decode(policy), *rest)


def reservation_of(row: Row) -> Reservation:
    """Make a reservation of its row."""
    before, after = row[:8], row[9:]
    return Reservation(*before, bool(row[8]), *after)  # type: ignore[call-arg]


def saga_of(row: Row) -> Saga:
    """Make a saga of its row."""
    before, after = row[:7], row[7:12]
    return Saga(*before, _steps_decoder.decode(row[12]), *after)  # type: ignore[call-arg]


def _text(value: object) -> str:
    return _encoder.encode(value).decode()
