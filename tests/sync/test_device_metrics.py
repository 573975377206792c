"""What devices tell an operator, and what ledgers do: exact, bounded, nothing of people."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from store.domain.ledger import commands as c
from store.domain.ledger.ids import new_ledger_id
from store.domain.ledger.policies import Policy
from store.domain.measures.sketch import Sketch
from store.ledger.counts import SagaCounts
from sync.errors import BadRequest
from sync.protocol import probes, routes
from sync.protocol.seen import COUNT_MAX, Seen
from sync.server.device_metrics import ROUNDS_MAX, DeviceMetrics, sort_of
from sync.server.saga_metrics import saga_metrics
from tests.support.asking import Member, create_space
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.scraping import samples_in, samples_of


def heard(*said: Seen) -> dict[str, float]:
    """What a server counts after devices said this."""
    registry = CollectorRegistry()
    metrics = DeviceMetrics(registry)
    for one in said:
        metrics.heard(one)
    return samples_of(registry.collect())


def test_what_devices_say_adds_up() -> None:
    rounds = Sketch()
    rounds.add(200.0, 3)
    rounds.add(70_000.0)
    one = Seen(
        changes=10,
        conflicts={"task.field.title": 2, "note.passage": 1},
        reads=20,
        stale_reads=4,
        operations=8,
        retried=2,
        repairs=5,
        rounds=rounds.encode(),
    )

    found = heard(one, one)

    assert found["sync_device_changes_total"] == 20
    assert found["sync_conflicts_total task.field"] == 4
    assert found["sync_conflicts_total note.passage"] == 2
    assert (found["sync_reads_total"], found["sync_stale_reads_total"]) == (40, 8)
    assert (found["sync_operations_total"], found["sync_operations_retried_total"]) == (16, 4)
    assert found["anti_entropy_repairs_total"] == 10
    assert found["anti_entropy_duration_seconds_count"] == 8
    assert found["anti_entropy_duration_seconds_bucket 0.25"] == 6
    assert found["anti_entropy_duration_seconds_bucket 60.0"] == 6
    assert found["anti_entropy_duration_seconds_bucket 300.0"] == 8
    assert found["anti_entropy_duration_seconds_sum"] == pytest.approx(141.2, rel=0.05)


@pytest.mark.parametrize(
    ("label", "sort"),
    [
        ("task.field.title", "task.field"),
        ("task.field.tags", "task.field"),
        ("task.lifecycle", "task.lifecycle"),
        ("note.passage", "note.passage"),
        ("budget.field", "other"),
        ("task.kit", "other"),
        ("task.field.kit.s", "other"),
    ],
)
def test_nobody_invents_a_label(label: str, sort: str) -> None:
    assert sort_of(label) == sort


@pytest.mark.parametrize("rounds", ["rubbish", "5", "5:-1", "99999:1", "1:9999999"])
def test_durations_that_make_no_sense_are_left_out(rounds: str) -> None:
    assert heard(Seen(rounds=rounds))["anti_entropy_duration_seconds_count"] == 0


def test_one_device_can_say_so_many_rounds_and_no_more() -> None:
    found = heard(Seen(rounds=f"3:{ROUNDS_MAX + 5} 9:7", reads=1, stale_reads=9))

    assert found["anti_entropy_duration_seconds_count"] == ROUNDS_MAX
    assert found["sync_stale_reads_total"] == 1


@pytest.mark.parametrize(
    "seen",
    [
        {"changes": COUNT_MAX + 1},
        {"reads": -1},
        {"conflicts": {"Kit's boots": 1}},
        {"conflicts": {f"task.x{number}": 1 for number in range(25)}},
        {"rounds": "1:1 " * 2_000},
    ],
)
async def test_what_is_out_of_bounds_is_refused(
    server: MemoryServer, alice: Member, seen: dict[str, object]
) -> None:
    said = probes.SendProbe(alice.space, 0, Seen(**seen))  # type: ignore[arg-type]

    with pytest.raises(BadRequest):
        await alice.ask(routes.PROBE, said)

    found = samples_in(server.service.metrics.text())
    assert found["sync_device_changes_total"] == 0


def test_promises_are_counted_by_type() -> None:
    counts = SagaCounts(
        pending=3,
        oldest_ms=4_500,
        stuck=1,
        completed={"booking": 2, "compensation": 1},
        compensated={"transfer": 4},
        begun={"booking": 5, "transfer": 4, "compensation": 2},
        reserved=50,
        overdue=2,
    )

    found = samples_of(saga_metrics(counts))

    assert (found["saga_pending"], found["saga_stuck"]) == (3, 3)
    assert found["saga_oldest_age_seconds"] == 4.5
    started = [found[f"saga_started_total {type_}"] for type_ in ("booking", "transfer")]
    assert (started, found["saga_started_total reservation"]) == ([5, 4], 50)
    assert found["saga_completed_total booking"] == 2
    assert found["saga_compensations_total transfer"] == 4
    assert found["saga_compensations_total reservation"] == 2


async def test_a_server_tells_of_its_ledgers(tmp_path: Path) -> None:
    now_ms = [1_790_000_000_000]
    with memory_server(tmp_path, clock_ms=lambda: now_ms[0]) as server:
        alice = await create_space(server.transport(), server.setup_code)
        tent = new_ledger_id("i", b"t" * 16)
        booking = c.Book(new_ledger_id("g", b"b" * 16), "Hut trip", (c.Wanted(tent, 1),))
        await alice.command(
            c.AddItem(tent, "Tent", 2, Policy("pessimistic")),
            c.Reserve(new_ledger_id("v", b"r" * 16), tent, 1),
            booking,
        )
        now_ms[0] += 2 * 3_600_000

        found = samples_in(server.service.metrics.text())

    assert found["saga_started_total reservation"] == 1
    assert found["saga_started_total booking"] == 1
    assert (found["saga_pending"], found["saga_stuck"]) == (1, 1)
    assert found["saga_oldest_age_seconds"] == 7_200
