"""What an operator can see of a server: its measures, in the words of Prometheus.

Each server has a registry of its own, so that two in one process never add up. Times are seconds,
sizes bytes. Labels are words of this program (routes, statuses, kinds of problem), never an id of
anything: their number is bounded, and a scrape tells nothing about people. What a server can't know
(conflicts, stale readings, rounds as a device sees them) is told by devices (`device_metrics`).

Source of the names: the Prometheus naming practices; of the buckets: the OpenTelemetry semantic
conventions for HTTP, with longer ones for what waits for a network.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from store.ledger.counts import SagaCounts
from sync.protocol import routes
from sync.protocol.problems import Problem
from sync.server.device_metrics import DeviceMetrics
from sync.server.saga_metrics import saga_metrics

PATH: Final = "/metrics"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
OTHER_ROUTE: Final = "other"  # every address that is none, so that nobody can invent labels

_HTTP_S: Final = (
    *(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75),
    *(1.0, 2.5, 5.0, 7.5, 10.0),
)
REQUEST_BUCKETS_S: Final = (*_HTTP_S, 30.0)  # a long poll is silent for up to 25 s
LAG_BUCKETS_S: Final = (*_HTTP_S, 30.0, 60.0, 300.0, 3600.0)
_ROUTES: Final = frozenset(route.path for route in routes.ALL)
_LIMITS: Final = frozenset(
    {"address-too-long", "busy", "headers-too-large", "slow-down", "too-large", "too-slow"}
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a server holds at the moment of a scrape.

    Attributes:
        connected_devices: with a long poll open.
        log_rows: of all spaces.
        database_bytes: of the database file.
        wal_bytes: of its write-ahead log; 0 where it has none.
        quarantined: refused changes that are kept as evidence.
        sagas: of all spaces; None where it decides nothing about supplies and money.
    """

    connected_devices: int
    log_rows: int
    database_bytes: int
    wal_bytes: int
    quarantined: int
    sagas: SagaCounts | None = None


class Metrics:
    """The measures of one server. May be called from any thread.

    Attributes:
        heard: takes in what a device says with its probe.
    """

    def __init__(self, standing: Callable[[], Standing]) -> None:
        """Begin at zero. `standing` is asked at each scrape, and may block."""
        self._registry = own = CollectorRegistry()
        own.register(_StandingCollector(standing))
        self.heard = DeviceMetrics(own).heard
        self._requests = Counter(
            "sync_requests", "Requests that were answered.", ("route", "status"), registry=own
        )
        self._durations = Histogram(
            "sync_request_duration_seconds",
            "From the head of a request to its answer. Long polls wait on purpose.",
            ("route",),
            buckets=REQUEST_BUCKETS_S,
            registry=own,
        )
        self._changes = Counter("sync_changes", "Changes that were taken in.", registry=own)
        self._duplicates = Counter(
            "sync_changes_duplicate", "Pushed changes that were here already.", registry=own
        )
        self._refused = Counter(
            "sync_changes_refused", "Pushed changes that were refused.", ("reason",), registry=own
        )
        self._retries = Counter(
            "sync_retries", "Requests that were told to try again.", ("reason",), registry=own
        )
        self._limits = Counter(
            "sync_limits_hit", "Requests that ran into a limit.", ("limit",), registry=own
        )
        self._resets = Counter(
            "cursor_generation_resets",
            "Cursors that belonged to another history of the log.",
            registry=own,
        )
        self._lag = Histogram(
            "sync_replication_lag_seconds",
            "From writing a probe to a connected device's confirmation, by the server's clock.",
            buckets=LAG_BUCKETS_S,
            registry=own,
        )
        self._awaited = Counter(
            "sync_probes_awaited", "Confirmations that probes were sent for.", registry=own
        )
        self._push_lag = Histogram(
            "sync_push_lag_seconds",
            "From the author's commit to this server's, by the server's clock.",
            buckets=LAG_BUCKETS_S,
            registry=own,
        )

    def answered(self, path: str, status: int, duration_s: float, problem: Problem | None) -> None:
        """Count a request.

        Args:
            path: of its address; whatever is no route counts as one.
            status: of HTTP.
            duration_s: from its head to its answer.
            problem: the answer, if it was one.
        """
        route = path if path in _ROUTES else OTHER_ROUTE
        self._requests.labels(route, str(status)).inc()
        self._durations.labels(route).observe(duration_s)
        if problem is None:
            return
        if problem.retryable:
            self._retries.labels(problem.slug).inc()
        if problem.slug in _LIMITS:
            self._limits.labels(problem.slug).inc()
        if problem.slug == "cursor-mismatch":
            self._resets.inc()

    def pushed(self, accepted: int, duplicate: int, refused: Iterable[str]) -> None:
        """Count what became of a push. `refused` holds the reason of each refused change."""
        self._changes.inc(accepted)
        self._duplicates.inc(duplicate)
        for reason in refused:
            self._refused.labels(reason).inc()

    def received(self, lags_ms: Sequence[int]) -> None:
        """Take in how long changes were on their way from the author's commit to the server's."""
        for lag_ms in lags_ms:
            self._push_lag.observe(lag_ms / 1000)

    def probe_sent(self, awaited: int) -> None:
        """Count the devices that a probe awaits."""
        self._awaited.inc(awaited)

    def probe_confirmed(self, lag_ms: int) -> None:
        """Take in how long a probe took to a device and back."""
        self._lag.observe(lag_ms / 1000)

    def text(self) -> bytes:
        """Write all of it in the text format, `CONTENT_TYPE`. Blocks."""
        return generate_latest(self._registry)


class _StandingCollector(Collector):
    """Asks what a server holds when somebody scrapes, and not before."""

    def __init__(self, standing: Callable[[], Standing]) -> None:
        self._standing = standing

    def collect(self) -> Iterator[Metric]:
        """Look, and give what was seen."""
        now = self._standing()
        for name, said, value in (
            ("sync_connected_devices", "Devices with a long poll open.", now.connected_devices),
            ("sync_log_rows", "Rows of the logs of all spaces.", now.log_rows),
            ("sync_database_bytes", "Size of the database file.", now.database_bytes),
            ("sqlite_wal_bytes", "Size of the database's write-ahead log.", now.wal_bytes),
            ("sync_quarantined_changes", "Refused changes kept as evidence.", now.quarantined),
        ):
            yield GaugeMetricFamily(name, said, value=value)
        if now.sagas is not None:
            yield from saga_metrics(now.sagas)
