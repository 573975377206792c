"""What a device may say by itself: certain only while it can know that it is."""

from dataclasses import replace

import pytest

from store.domain.ledger.facts import Item
from store.domain.ledger.on_device import Contact, Known, Reading, answer, chance
from store.domain.ledger.policies import LEASE_MARGIN_MS, Policy, PolicyName

HEARD = Contact(1_000_000, Reading("boot", 5_000, 7_000_000))
KNOWN = Known(available=10, quota=3, lease_ends_ms=1_000_000 + 3_600_000, rate_per_s=0.0)


def item(policy: PolicyName) -> Item:
    return Item("i", "Tent", Policy(policy), 10)


def later(ms: int) -> Reading:
    return Reading("boot", 5_000 + ms, 7_000_000 + ms)


def test_within_quota_and_lease_it_is_certain() -> None:
    assert answer(item("escrow"), KNOWN, 3, HEARD, later(60_000)).answer == "certain"


@pytest.mark.parametrize(
    ("known", "count", "contact", "now", "why"),
    [
        (KNOWN, 4, HEARD, later(0), "quota"),
        (replace(KNOWN, lease_ends_ms=None), 1, HEARD, later(0), "quota"),
        (KNOWN, 1, None, later(0), "reset"),
        (KNOWN, 1, HEARD, Reading("another", 9_000, 7_060_000), "reset"),
        (KNOWN, 1, HEARD, Reading("boot", 4_000, 7_060_000), "reset"),
        (KNOWN, 1, HEARD, Reading("boot", 65_000, 6_000_000), "reset"),
        (KNOWN, 1, HEARD, later(3_600_000 - LEASE_MARGIN_MS), "over"),
    ],
    ids=["above", "none", "never heard", "rebooted", "backwards", "wall clock back", "lapsed"],
)
def test_else_it_is_only_asked_for(
    known: Known, count: int, contact: Contact | None, now: Reading, why: str
) -> None:
    said = answer(item("escrow"), known, count, contact, now)

    assert said.answer == "requested"
    assert why in said.reason


def test_a_wall_clock_that_jumps_ahead_does_not_end_a_lease() -> None:
    now = Reading("boot", 65_000, 7_000_000 + 10**12)

    assert answer(item("escrow"), KNOWN, 1, HEARD, now).answer == "certain"


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("pessimistic", "refused"),
        ("cas", "requested"),
        ("reservation", "requested"),
        ("oversell", "requested"),
    ],
)
def test_the_other_policies_do_not_depend_on_what_is_known(policy: PolicyName, said: str) -> None:
    assert answer(item(policy), KNOWN, 1, HEARD, later(0)).answer == said


@pytest.mark.parametrize(
    ("available", "rate", "age_ms", "said"),
    [
        (10, 0.0, 60_000, "promised"),
        (10, 0.01, 60_000, "promised"),
        (10, 0.2, 60_000, "refused"),
        (0, 0.0, 0, "refused"),
        (10, 0.01, 36_000_000, "refused"),
    ],
)
def test_a_guess_follows_from_what_is_left_how_fast_it_goes_and_how_old_that_is(
    available: int, rate: float, age_ms: int, said: str
) -> None:
    known = replace(KNOWN, available=available, rate_per_s=rate)

    assert answer(item("probabilistic"), known, 1, HEARD, later(age_ms)).answer == said


@pytest.mark.parametrize(
    ("asked", "others", "said"),
    [
        (0, 19, "promised"),  # nobody asked here, so there is no reason to believe in a rush
        (1, 2, "promised"),
        (2, 2, "promised"),
        (3, 2, "refused"),
        (1, 19, "refused"),
        (9, 0, "promised"),  # nobody else may ask
    ],
)
def test_what_is_asked_here_since_the_last_news_is_expected_of_the_others_too(
    asked: int, others: int, said: str
) -> None:
    known = replace(KNOWN, available=10, asked=asked, others=others)

    assert answer(item("probabilistic"), known, 1, HEARD, later(1_000)).answer == said


def test_who_never_heard_or_lost_the_time_refuses_to_guess() -> None:
    for contact, now in ((None, later(0)), (HEARD, Reading("another", 1, 1))):
        assert answer(item("probabilistic"), KNOWN, 1, contact, now).answer == "refused"


def test_the_chance_is_a_poisson_sum() -> None:
    known = replace(KNOWN, available=3, rate_per_s=0.1)

    assert chance(known, 1, 10) == pytest.approx(0.9196986)  # P(N <= 2), mean 1
    assert chance(known, 4, 10) == 0.0
    assert chance(replace(known, available=10**9), 1, 10) == 1.0
    assert chance(replace(known, rate_per_s=1e6), 1, 10) == 0.0
