"""The samples that are taken, by name: durations are sketched, the rest is counted.

A sample has a label that says of which sort it is (why a retry, which field). Labels come from
lists of this program, never from what people wrote; should there be too many, the rest is `other`.
"""

import re
from dataclasses import dataclass
from typing import Final

# -- durations, in ms ------------------------------------------------------------------------------
REPLICATION_LAG: Final = "replication_lag"  # an author's commit to its being visible here
PROBE_LAG: Final = "probe_lag"  # the same of a probe
ANTI_ENTROPY: Final = "anti_entropy"  # a round that ended well, from its first request to its last

# -- counts ----------------------------------------------------------------------------------------
CHANGES: Final = "changes"  # taken into the log here; label: own or remote
CONFLICTS: Final = "conflicts"  # that opened here; label: kind of document, kind, field
REPAIRS: Final = "repairs"  # changes that a comparison moved after the cursors had missed them
READS: Final = "reads"  # readings of an item that could be judged
STALE_READS: Final = "stale_reads"  # those that the authority had superseded at the time
OPERATIONS: Final = "operations"  # rounds that were due, each counted once however often tried
RETRIED: Final = "retried"  # those that took more than one try; label: the first try's reason
RETRIES: Final = "retries"  # tries that failed and were, or will be, repeated; label: the reason
PROBES: Final = "probes"  # probe and device that was connected when it was sent
PROBE_TIMEOUTS: Final = "probe_timeouts"  # those not confirmed in time
SAGAS_STARTED: Final = "sagas_started"  # bookings and transfers; label: which
SAGAS_COMPLETED: Final = "sagas_completed"  # those that ended well
PROMISES: Final = "promises"  # those, and reservations outside of bookings; label: which
COMPENSATIONS: Final = "compensations"  # promises that were taken back; label: which

DURATIONS: Final = frozenset({REPLICATION_LAG, PROBE_LAG, ANTI_ENTROPY})
COUNTS: Final = frozenset(
    {
        CHANGES,
        CONFLICTS,
        REPAIRS,
        READS,
        STALE_READS,
        OPERATIONS,
        RETRIED,
        RETRIES,
        PROBES,
        PROBE_TIMEOUTS,
        SAGAS_STARTED,
        SAGAS_COMPLETED,
        PROMISES,
        COMPENSATIONS,
    }
)

OTHER: Final = "other"
LABELS_MAX: Final = 24  # of one name in one stretch of time
_LABEL: Final = re.compile(r"[a-z0-9_.-]{0,32}")


@dataclass(frozen=True, slots=True)
class SampleKey:
    """Which sample.

    Attributes:
        name: one of `DURATIONS` or `COUNTS`.
        label: of which sort; empty where there is but one.
    """

    name: str
    label: str = ""


def is_label(text: str) -> bool:
    """Tell whether a text can be a label: short, and nothing in it that a person would write."""
    return _LABEL.fullmatch(text) is not None
