"""A device of the sale: every buyer has an answer that stands, or the device says what went wrong.

The home and its authority are real; the network between them is what each test says of it.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.errors import Unreachable
from tests.flash_sale import device as selling
from tests.flash_sale.device import ITEM, TRIES_MAX, Buyer, Device, Unanswered
from tests.support.counter import Counter, counter


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Counter]:
    with counter(tmp_path) as made:
        made.item("pessimistic", count=1, name=ITEM)
        yield made


def came(ann: Counter) -> tuple[Device, Buyer]:
    """A device, and a buyer who has asked for one."""
    device, buyer = Device(ann.replica, ann.space, seed=1), Buyer()
    device.serve(buyer)
    return device, buyer


def lose_the_answer(ann: Counter) -> None:
    """Let the authority decide, nobody hear of it, and the device say no to its buyer."""
    ann.send(hear=False)
    ann.replica.give_up_unanswered(ann.space)


def test_who_was_told_no_comes_again_though_what_was_asked_had_been_granted_and_is_undone(
    ann: Counter,
) -> None:
    device, buyer = came(ann)
    first = buyer.id
    lose_the_answer(ann)
    ann.sync()
    ann.sync()
    assert ann.state(first) == "released"

    assert not device.look()
    assert buyer.id != first
    ann.sync()

    assert device.look()
    assert (buyer.state, buyer.tries) == ("confirmed", 2)
    assert buyer.certain_ms is not None


def test_a_grant_that_is_about_to_be_undone_is_no_answer_that_stands(ann: Counter) -> None:
    device, buyer = came(ann)
    first = buyer.id
    lose_the_answer(ann)
    ann.pull()
    assert ann.state(first) == "confirmed"

    assert not device.look()

    assert buyer.id != first
    assert buyer.certain_ms is None


def test_who_was_told_no_and_would_have_been_refused_comes_again_and_hears_it(
    ann: Counter,
) -> None:
    device, buyer = came(ann)
    ann.taken_by_bea(ann.replica.supply(ITEM).id, 1)
    lose_the_answer(ann)
    ann.sync()

    assert not device.look()
    ann.sync()

    assert device.look()
    assert (buyer.state, buyer.tries) == ("rejected", 2)


def test_who_never_has_an_answer_goes_without_in_the_end(ann: Counter) -> None:
    device, buyer = came(ann)
    for _ in range(TRIES_MAX):
        ann.replica.give_up_unanswered(ann.space)
        is_over = device.look()

    assert is_over
    assert (buyer.state, buyer.tries) == ("refused", TRIES_MAX)


def test_what_no_network_does_ends_the_device_at_once(
    ann: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, _ = came(ann)

    async def broken(_peer: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(device.engine, "sync_peer", broken)

    with pytest.raises(ExceptionGroup) as failed:
        asyncio.run(device.sell(0))

    assert [type(one) for one in failed.value.exceptions] == [ZeroDivisionError]


def test_a_buyer_without_an_answer_is_named(ann: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    device, buyer = came(ann)

    async def away(_peer: str) -> None:
        raise Unreachable("The network is away.")

    monkeypatch.setattr(device.engine, "sync_peer", away)
    monkeypatch.setattr(selling, "WAITS_S_MAX", 0.0)

    with pytest.raises(ExceptionGroup) as failed:
        asyncio.run(device.sell(0))

    (told,) = failed.value.exceptions
    assert isinstance(told, Unanswered)
    assert buyer.id in str(told)
