"""The promises of a server's ledgers in the words of Prometheus: looked up when it is scraped.

They are counted from what stands in the ledgers, so a restart does not begin at zero. A promise is
a booking, a transfer, or a reservation outside of a booking.
"""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from store.ledger.counts import SagaCounts

SAGAS: Final = ("booking", "transfer")
RESERVATION: Final = "reservation"
MAKING_GOOD: Final = "compensation"


def saga_metrics(counts: SagaCounts) -> Iterator[Metric]:
    """Give what was counted."""
    oldest_s = 0.0 if counts.oldest_ms is None else counts.oldest_ms / 1000
    for name, said, value in (
        ("saga_pending", "Sagas under way.", counts.pending),
        (
            "saga_stuck",
            "Sagas that are under way for over an hour, or wait for a person.",
            counts.overdue + counts.stuck,
        ),
        ("saga_oldest_age_seconds", "Age of the oldest saga under way; 0 without one.", oldest_s),
    ):
        yield GaugeMetricFamily(name, said, value=value)
    begun = {kind: counts.begun.get(kind, 0) for kind in SAGAS}
    yield _counter(
        "saga_started", "Promises that were made.", {**begun, RESERVATION: counts.reserved}
    )
    yield _counter(
        "saga_completed",
        "Sagas that ended well.",
        {kind: counts.completed.get(kind, 0) for kind in SAGAS},
    )
    yield _counter(
        "saga_compensations",
        "Promises that were taken back.",
        {
            **{kind: counts.compensated.get(kind, 0) for kind in SAGAS},
            RESERVATION: counts.begun.get(MAKING_GOOD, 0),
        },
    )


def _counter(name: str, said: str, by_type: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, said, labels=("type",))
    for type_, count in by_type.items():
        family.add_metric((type_,), count)
    return family
