"""How supplies, money and bookings stand, in words; the same on the command line and in the app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.local_time import moment_words
from store.domain.ledger.accounts import PIECES
from store.domain.ledger.money import shown_amount
from store.domain.ledger.policies import DAY_MS, MINUTE_MS, NAMES, Policy, PolicyName

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from store.supply_rows import BudgetRow, EntryRow, ItemRow, NoticeRow, ReservationRow, SagaRow

STEP_GLYPHS: Final = {"waiting": "○", "done": "✔", "failed": "✘", "undone": "↩"}
STEP_WORDS: Final = {
    "waiting": "waiting",
    "done": "done",
    "failed": "did not work",
    "undone": "undone",
}
_STEP_NAMES: Final = {  # the rules' own names; others say what they do
    "validate": "look whether there is enough",
    "debit": "take it from the one budget",
    "credit": "put it into the other",
    "record": "write it into the books",
    "confirm": "make all of it sure",
}
_UNITS: Final = (
    ("day", DAY_MS),
    ("hour", 60 * MINUTE_MS),
    ("minute", MINUTE_MS),
    ("second", 1_000),
    ("millisecond", 1),  # only a program asks for such
)
_STATES: Final = {
    "certain": "certain",
    "requested": "asked for, not decided",
    "confirmed": "yours",
    "rejected": "refused",
    "expired": "expired",
    "released": "given back",
    "compensated": "cancelled",
}
_SAGAS: Final = {
    "running": "under way",
    "completed": "complete",
    "compensating": "being undone",
    "compensated": "did not work out; all was put back",
    "stuck": "stuck: somebody has to look",
}


def step_words(name: str) -> str:
    """Say what a step of a booking or a transfer does."""
    return _STEP_NAMES.get(name, name)


def sum_words(amount: int, unit: str) -> str:
    """Write an amount in minor units: `25.00 EUR`; of pieces the number alone."""
    return str(amount) if unit == PIECES else f"{shown_amount(amount, unit)} {unit}"


def promise_words(policy: Policy) -> str:
    """Say what a policy promises, with its own time where it holds for one."""
    if policy.name != "reservation":
        return policy.promise
    unit, ms = next((unit, ms) for unit, ms in _UNITS if policy.hold_ms % ms == 0)
    number = policy.hold_ms // ms
    return f"Hold for {number} {unit}{'' if number == 1 else 's'}"


PROMISE_WORDS: Final[dict[PolicyName, str]] = {name: promise_words(Policy(name)) for name in NAMES}


def mine_words(row: ItemRow) -> str:
    """Say what of an item is this person's, and how sure."""
    parts = []
    if row.reserved:
        parts.append(f"{row.reserved} yours")
    if row.requested:
        parts.append(f"{row.requested} asked for")
    if row.quota:
        parts.append(f"quota {row.quota}")
    return ", ".join(parts)


def kept_words(row: ItemRow) -> str:
    """Say what an item promises, and how often devices guessed wrong; that is made good."""
    promise = promise_words(row.policy)
    if not row.wrong_guesses:
        return promise
    return f"{promise}; {row.wrong_guesses} wrong so far"


def known_words(row: ItemRow, now: datetime) -> str:
    """Say how old the news is."""
    if row.is_asked:
        return "not decided yet"
    if row.known_at_ms is None:
        return "never synced"
    return f"as of {moment_words(row.known_at_ms, now)}"


def reservation_words(row: ReservationRow, now: datetime) -> str:
    """Say how a reservation stands, and why."""
    said = _STATES[row.state]
    until = "" if row.expires_at_ms is None else moment_words(row.expires_at_ms, now)
    if row.state == "confirmed" and not row.is_final:
        said = "held for a booking" if row.saga else f"held until {until}; confirm it"
    elif row.state == "confirmed":
        said = "yours" if row.is_mine else "reserved"
        said += f" until {until}" if until else ""
    elif row.sync_before_ms is not None:
        # Certain is so if the device says so in time (DECISIONS D25).
        said = f"certain, if this device syncs before {moment_words(row.sync_before_ms, now)}"
    elif until and row.state in ("certain", "requested"):
        said += f", until {until}"
    return f"{said}: {row.reason}" if row.reason else said


def account_words(row: BudgetRow) -> str:
    """Say what is under way into and out of a budget."""
    parts = []
    if row.pending:
        parts.append(f"{shown_amount(row.pending, row.currency)} on its way out")
    if row.incoming:
        parts.append(f"{shown_amount(row.incoming, row.currency)} on its way in")
    if row.is_asked:
        parts.append("not decided yet")
    return ", ".join(parts)


def entry_words(row: EntryRow) -> str:
    """Say whose an entry of the ledger is, and what it was for; empty where it is of nobody."""
    return " · ".join(said for said in (row.person, row.purpose) if said)


def saga_words(row: SagaRow) -> str:
    """Say how a booking or transfer stands, and why."""
    said = "not begun" if row.is_asked and row.state == "running" else _SAGAS[row.state]
    if row.is_asked and row.state == "compensated":
        said = "refused"
    return f"{said}: {row.reason}" if row.reason else said


def notice_words(row: NoticeRow) -> Iterator[str]:
    """Say why, the owner's words, and what was given."""
    if row.reason:
        yield row.reason
    if row.apology:
        yield f"“{row.apology}”"
    if row.credit:
        given = sum_words(row.credit, row.currency)
        yield f"You were given {given}."
