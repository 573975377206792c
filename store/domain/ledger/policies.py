"""How an item may be reserved: six policies, each a value with its numbers (DESIGN section 4).

pessimistic    a device alone refuses; the authority checks and takes under one lock
cas            asks with the version it saw; taken if that still holds, else asked again
reservation    shown at once; held for a time; then confirmed by the person, or expired
oversell       taken up to a bound below zero; the lowest may be cancelled, refunded, told
probabilistic  a device says yes or no from what it last knew; a wrong yes is made good
escrow         certain within the device's quota, asked for beyond it
"""

from dataclasses import dataclass
from typing import Final, Literal

from store.domain.errors import InvalidValue

PolicyName = Literal["pessimistic", "cas", "reservation", "oversell", "probabilistic", "escrow"]

MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
HOLD_MS: Final = 10 * MINUTE_MS
HOLD_MS_MAX: Final = 90 * DAY_MS
LEASE_MS: Final = 7 * DAY_MS
GRACE_MS: Final = 7 * DAY_MS  # DECISIONS D25
LEASE_MARGIN_MS: Final = 5 * MINUTE_MS  # clocks of a device run apart from the server's by less
CAS_TRIES_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy's name and numbers; numbers that the policy doesn't have are at their default.

    Attributes:
        name: which of the six.
        hold_ms: reservation: how long a hold lasts until it is confirmed.
        oversell_percent: oversell: of the count, rounded down.
        settle_after_ms: oversell: how long after the last yes the excess is cancelled.
        sure_percent: probabilistic: how sure a device must be to say yes.
        lease_ms: escrow: how long a quota lasts from when it was granted, or added to.
    """

    name: PolicyName
    hold_ms: int = HOLD_MS
    oversell_percent: int = 5
    settle_after_ms: int = HOLD_MS
    sure_percent: int = 95
    lease_ms: int = LEASE_MS

    @property
    def promise(self) -> str:
        """What it promises, in words for people."""
        return PROMISES[self.name]

    def floor(self, count: int) -> int:
        """How low the stock may go, of `count` pieces."""
        return -(count * self.oversell_percent // 100) if self.name == "oversell" else 0


PROMISES: Final[dict[PolicyName, str]] = {
    "escrow": "Sure, even offline",
    "reservation": "Hold for a time",
    "pessimistic": "Only when connected",
    "cas": "First come, first served",
    "oversell": "A few too many is fine",
    "probabilistic": "Probably, without asking",
}
NAMES: Final = tuple(PROMISES)
EXPLAINED: Final[dict[PolicyName, str]] = {
    "escrow": "Each device may have a quota; what it gives out of it is certain without a network.",
    "reservation": "Held for you for a while; it goes back unless you confirm it in time.",
    "pessimistic": "The server is asked at once; without a connection nothing is reserved.",
    "cas": "Asked for; where others are faster it is tried again a few times.",
    "oversell": "Some more are given away than there are; the last ones may be cancelled.",
    "probabilistic": "The device says yes where it is sure enough; a wrong yes is made good.",
}

_BOUNDS: Final = {
    "hold_ms": (1_000, HOLD_MS_MAX, "A hold lasts between a second and 90 days."),
    "oversell_percent": (0, 100, "Overselling is between 0 and 100 percent."),
    "settle_after_ms": (0, HOLD_MS_MAX, "The excess is cancelled within 90 days."),
    "sure_percent": (50, 99, "How sure to be is between 50 and 99 percent."),
    "lease_ms": (MINUTE_MS, HOLD_MS_MAX, "A quota lasts between a minute and 90 days."),
}


def checked_policy(policy: Policy) -> Policy:
    """Give a policy back whose numbers are sane; raises InvalidValue."""
    if policy.name not in PROMISES:
        raise InvalidValue(f"A policy is one of {', '.join(NAMES)}.", field="policy")
    for name, (least, most, problem) in _BOUNDS.items():
        if not least <= getattr(policy, name) <= most:
            raise InvalidValue(problem, field=name)
    return policy
