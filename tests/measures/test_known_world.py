"""What is measured is what happened, within the stated error, whatever the devices' clocks show."""

import pytest

from store.change_set import ChangeSet
from store.commands.patches import Patch
from store.domain.measures import names
from sync.errors import Unreachable
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange
from tests.measures.known_world import (
    STATED_ERROR,
    YEAR_MS,
    KnownWorld,
    rate_of,
    time_of,
    total_of,
)
from tests.sync.client.world import Person


async def two_people(here: KnownWorld, **ahead_ms: int) -> tuple[Person, Person]:
    here.ahead_ms = dict(ahead_ms)
    alice = await here.found("alice")
    return alice, await here.invite("bob", by=alice)


@pytest.mark.parametrize(
    ("alice_ahead_ms", "bob_ahead_ms"),
    [(0, 0), (3 * YEAR_MS, -5 * YEAR_MS), (-40, 90_000)],
    ids=["right clocks", "clocks years off", "clocks a little off"],
)
async def test_lag_is_from_the_authors_commit_to_its_being_visible_elsewhere(
    here: KnownWorld, alice_ahead_ms: int, bob_ahead_ms: int
) -> None:
    alice, bob = await two_people(here, alice=alice_ahead_ms, bob=bob_ahead_ms)
    known_ms = []
    committed_ms = 0

    def visible(changed: ChangeSet) -> None:
        if changed.docs:
            known_ms.append(here.time.now_ms - committed_ms)

    for waited_ms in (200, 1_000, 5_000, 60_000):
        alice.add("Rope")
        committed_ms = here.time.now_ms
        here.time.pass_ms(waited_ms)
        await alice.sync()
        forget = bob.replica.watch(visible)
        await bob.sync()
        forget()

    found = time_of(bob, names.REPLICATION_LAG)
    assert found.count == len(known_ms) == 4
    assert found.p50_ms == pytest.approx(known_ms[1], rel=STATED_ERROR)
    assert found.p99_ms == pytest.approx(known_ms[3], rel=STATED_ERROR)


async def test_a_slow_way_in_one_direction_is_within_the_error_that_is_told(
    here: KnownWorld,
) -> None:
    here.there_ms, here.back_ms = 300, 0
    _, bob = await two_people(here, bob=7_000)

    now = bob.replica.health().now

    assert now.clock_offset_ms is not None
    assert now.clock_error_ms is not None
    assert now.clock_offset_ms == pytest.approx(-7_000, abs=now.clock_error_ms)
    assert now.clock_error_ms <= 151


async def test_after_a_clock_was_set_no_lag_is_made_up(here: KnownWorld) -> None:
    """Nobody can tell by which of the two clocks the change was stamped."""
    alice, bob = await two_people(here)
    alice.add("Rope")
    here.ahead_ms["alice"] = YEAR_MS
    await alice.sync()
    await bob.sync()
    assert time_of(bob, names.REPLICATION_LAG).count == 0

    alice.add("Axe")
    await alice.sync()
    await bob.sync()
    assert time_of(bob, names.REPLICATION_LAG).count == 1


async def test_the_lag_of_relayed_and_of_old_changes_is_not_the_relays(here: KnownWorld) -> None:
    alice, bob = await two_people(here)
    doc = alice.add("Rope")
    bob.take_from(alice, doc, *(row.hash for row in alice.log(doc)))
    carol = await here.invite("carol", by=alice)
    await bob.sync()
    await carol.sync()

    assert carol.titles() == ["Rope"]
    assert time_of(carol, names.REPLICATION_LAG).count == 0


async def test_a_round_lasts_from_its_first_request_to_its_last(here: KnownWorld) -> None:
    _, bob = await two_people(here)
    here.there_ms, here.back_ms = 400, 600
    before = time_of(bob, names.ANTI_ENTROPY).count
    bob.network.asked.clear()

    for _ in range(20):
        await bob.once()

    found = time_of(bob, names.ANTI_ENTROPY)
    assert found.count - before == 20
    assert found.p95_ms == pytest.approx(len(bob.network.asked) / 20 * 1_000, rel=STATED_ERROR)


async def test_conflicts_are_counted_by_kind_and_field_out_of_all_changes(
    here: KnownWorld,
) -> None:
    alice, bob = await two_people(here)
    docs = [alice.add(f"Task {number}") for number in range(8)]
    await here.settle()
    for doc in docs[:3]:
        alice.retitle(doc, "Alice's")
        bob.retitle(doc, "Bob's")
    await here.settle()

    found = rate_of(bob, "conflict_rate")

    assert dict(found.by) == {"task.field.title": 3}
    assert found.whole == 8 + 3 + 3, "what came in, and what bob wrote"
    assert found.value == pytest.approx(3 / 14)
    assert rate_of(alice, "conflict_rate").part == 3
    (alert,) = bob.replica.alerts(bob.replica.health())
    assert alert.name == "conflict_rate"


async def test_a_conflict_about_a_tag_is_one_of_tags_and_does_not_say_which(
    here: KnownWorld,
) -> None:
    alice, bob = await two_people(here)
    docs = [alice.add("Rope"), alice.add("Axe")]
    for doc, tag in zip(docs, ("secret", "doctor"), strict=True):
        alice.replica.edit(doc, Patch(add_tags=(tag,)))
    await here.settle()
    for doc, tag in zip(docs, ("secret", "doctor"), strict=True):
        alice.replica.edit(doc, Patch(remove_tags=(tag,)))
        bob.replica.edit(doc, Patch(remove_tags=(tag,)))
        bob.replica.edit(doc, Patch(add_tags=(tag,)))
    await here.settle()

    assert len(bob.replica.conflicts()) == 2
    assert dict(rate_of(bob, "conflict_rate").by) == {"task.field.tags": 2}


async def test_the_conflict_alert_clears_once_the_day_is_over(here: KnownWorld) -> None:
    alice, bob = await two_people(here)
    doc = alice.add("Rope")
    await here.settle()
    alice.retitle(doc, "Alice's")
    bob.retitle(doc, "Bob's")
    await here.settle()
    bob.replica.set_thresholds({"conflict_rate": 0.01})
    for number in range(10):
        alice.add(f"Task {number}")
    await here.settle()
    assert [one.name for one in bob.replica.alerts(bob.replica.health())] == ["conflict_rate"]

    here.time.pass_ms(24 * 3_600_000)
    for number in range(20):
        alice.add(f"Later {number}")
    await here.settle()

    assert bob.replica.alerts(bob.replica.health()) == ()


async def test_an_operation_that_took_three_tries_is_one_that_was_retried(
    here: KnownWorld,
) -> None:
    _, bob = await two_people(here)
    before = rate_of(bob, "retry_rate").whole
    fails = 2
    carried = bob.network.fault
    assert carried is not None

    async def breaks(request: WireRequest, send: Exchange) -> WireResponse:
        nonlocal fails
        if fails:
            fails -= 1
            raise Unreachable("The connection broke.")
        return await carried(request, send)

    bob.network.fault = breaks
    await bob.sync()
    for _ in range(3):
        await bob.sync()

    found = rate_of(bob, "retry_rate")
    assert dict(found.by) == {"unreachable": 1}
    assert found.whole - before == 4
    assert total_of(bob, names.RETRIES) == 2


async def test_a_night_without_a_network_is_one_operation_even_in_another_process(
    here: KnownWorld,
) -> None:
    _, bob = await two_people(here)
    before = rate_of(bob, "retry_rate").whole
    carried, bob.network.is_down = bob.network.fault, True
    for _ in range(5):
        with pytest.raises(Unreachable):
            await bob.once()
        bob.restart()
    bob.network.is_down, bob.network.fault = False, carried
    await bob.once()

    found = rate_of(bob, "retry_rate")
    assert (found.part, found.whole - before) == (1, 1)
    assert total_of(bob, names.RETRIES) == 5


async def test_a_reading_is_stale_if_the_server_had_something_newer_then(here: KnownWorld) -> None:
    alice, bob = await two_people(here)
    rope, axe = alice.add("Rope"), alice.add("Axe")
    await here.settle()

    bob.replica.task(rope)  # nobody has changed it yet
    here.time.pass_ms(1_000)
    alice.retitle(rope, "Long rope")
    here.time.pass_ms(1_000)
    bob.replica.task(rope)  # changed, but only on Alice's device
    await alice.sync()
    here.time.pass_ms(1_000)
    for _ in range(3):
        bob.replica.task(rope)  # the server knows better
    bob.replica.task(axe)
    assert rate_of(bob, "stale_read_rate").whole == 0, "not judged yet"
    await bob.sync()
    bob.replica.task(rope)
    await bob.sync()

    found = rate_of(bob, "stale_read_rate")
    assert (found.part, found.whole) == (3, 7)


async def test_what_a_comparison_mends_is_counted(here: KnownWorld) -> None:
    alice, bob = await two_people(here)
    for number in range(5):
        alice.add(f"Task {number}")
    await alice.sync()
    bob.skip_to(here.end_of_server_log(), push_seq=0)  # a fault of ours
    await bob.sync()

    assert len(bob.titles()) == 5
    assert total_of(bob, names.REPAIRS) == 5
    assert total_of(alice, names.REPAIRS) == 0


async def test_what_waits_and_for_how_long_is_told(here: KnownWorld) -> None:
    _, bob = await two_people(here)
    bob.add("Rope")
    here.time.pass_ms(90_000)
    bob.add("Axe")

    now = bob.replica.health().now

    assert (now.pending, now.oldest_unsent_s) == (2, 90.0)
    await bob.sync()
    assert (now.pending, bob.replica.health().now.oldest_unsent_s) == (2, None)
    assert bob.replica.health().now.log_rows == 4  # and who the two of them are
    assert bob.replica.health().now.database_bytes > 4_096
