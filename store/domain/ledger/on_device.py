"""What a device may say by itself, before the authority has decided: honest answers only.

    certain     escrow, within the quota that the device holds and that has not lapsed
    requested   asked for; shown at once, promised to nobody
    promised    probabilistic: likely enough that the person is told yes; made good if it was wrong
    refused     pessimistic without a connection; probabilistic where the device is not sure

A quota lapses by elapsed time since the server was last heard, less a margin, never by a wall clock
(DECISIONS D25). After a reboot, or a wall clock that went back, the device knows no elapsed time.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

from store.domain.ledger.facts import Item
from store.domain.ledger.policies import LEASE_MARGIN_MS

STEP_BACK_MS_MAX: Final = 2_000  # a wall clock that is set back by less is only being disciplined
STALE_S_MIN: Final = 1.0

Answer = Literal["certain", "requested", "promised", "refused"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a device's clocks.

    Attributes:
        boot: names the time since the machine was started; elapsed times of two boots don't mix.
        elapsed_ms: since some moment of that boot; grows while the machine sleeps too.
        wall_ms: Unix time as the machine believes it.
    """

    boot: str
    elapsed_ms: int
    wall_ms: int


@dataclass(frozen=True, slots=True)
class Contact:
    """When the server was last heard: its clock, and the device's clocks at that moment."""

    server_ms: int
    reading: Reading


@dataclass(frozen=True, slots=True)
class Known:
    """What a device knows of an item.

    Attributes:
        available: in the stock, when it was last heard, less what this device has asked for since.
        quota: what this device may hand out by itself, less what it has.
        lease_ends_ms: when that quota ends, by the server's clock; None = it has none.
        rate_per_s: pieces that others took per second, as observed lately.
        asked: pieces that this device has asked for since it was last heard.
        others: how many other devices may be asking.
    """

    available: int
    quota: int
    lease_ends_ms: int | None
    rate_per_s: float
    asked: int = 0
    others: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """A device's answer, and why."""

    answer: Answer
    reason: str = ""


def server_now_ms(contact: Contact | None, now: Reading) -> int | None:
    """What the server's clock says now, as far as elapsed time tells; None where it can't tell."""
    if contact is None or contact.reading.boot != now.boot:
        return None
    elapsed = now.elapsed_ms - contact.reading.elapsed_ms
    if elapsed < 0 or now.wall_ms < contact.reading.wall_ms - STEP_BACK_MS_MAX:
        return None
    return contact.server_ms + elapsed


def may_be_certain(known: Known, count: int, contact: Contact | None, now: Reading) -> Said:
    """Whether the device's quota covers so many pieces, now."""
    if known.lease_ends_ms is None or known.quota < count:
        return Said("requested", f"Your quota here is {max(0, known.quota)}; it will be asked for.")
    server_ms = server_now_ms(contact, now)
    if server_ms is None:
        return Said(
            "requested", "The clock or the machine was reset since the last sync; it will be asked."
        )
    if server_ms >= known.lease_ends_ms - LEASE_MARGIN_MS:
        return Said("requested", "The quota's time is over; it will be asked for.")
    return Said("certain")


def chance(known: Known, count: int, stale_s: float) -> float:
    """How likely it is that so many pieces are left: others took a Poisson number meanwhile.

    What is expected of them is what they took lately in as long a time, and as much as was asked
    for here since: a rush is seen at home before it is heard of.

    Args:
        known: what was last heard, and the rate at which others take pieces.
        count: how many are wanted.
        stale_s: how old that is.
    """
    spare = known.available - count
    if spare < 0:
        return 0.0
    expected = known.rate_per_s * max(stale_s, STALE_S_MIN) + known.asked * known.others
    if spare > expected + 10 * math.sqrt(expected) + 20:  # ten deviations off: no need to sum
        return 1.0
    if expected > 700:  # exp(-expected) would be nothing; and so many are hardly left
        return 0.0
    term = total = math.exp(-expected)
    for taken in range(1, spare + 1):
        term *= expected / taken
        total += term
        if term < 1e-12 and taken > expected:
            break
    return min(1.0, total)


def answer(item: Item, known: Known, count: int, contact: Contact | None, now: Reading) -> Said:
    """Say what the device can say about so many pieces of an item."""
    match item.policy.name:
        case "escrow":
            return may_be_certain(known, count, contact, now)
        case "probabilistic":
            return _guess(item, known, count, contact, now)
        case "pessimistic":
            return Said("refused", f"{item.name} can be reserved only while the server answers.")
        case _:
            return Said("requested")


def _guess(item: Item, known: Known, count: int, contact: Contact | None, now: Reading) -> Said:
    server_ms = server_now_ms(contact, now)
    if contact is None or server_ms is None:
        return Said("refused", f"It is not known how old the news of {item.name} is; sync first.")
    stale_s = (server_ms - contact.server_ms) / 1000
    likely = chance(known, count, stale_s)
    told = f"{math.floor(likely * 100)} % likely, from news {math.floor(stale_s)} s old"
    if likely * 100 < item.policy.sure_percent:
        return Said("refused", f"Too unsure that {count} of {item.name} are left ({told}).")
    return Said("promised", told)
