"""When a measure is worth an alert: the defaults are the seed's, and each can be changed.

Source: the monitoring section of the text that Cairn is built on (`seed`): replication lag 5 s,
conflicts 1 %, compensations 0.1 %, stale reads 5 %, anti-entropy 1 minute, 100 pending sagas,
retries 10 %; a saga is stuck once it runs for over an hour, and more than 10 of those are severe.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from store.domain.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The values above which an alert fires.

    Attributes:
        lag_s: p95 of the probes' replication lag.
        conflict_rate: conflicts per change.
        compensation_rate: compensations per promise that was made.
        stale_read_rate: stale readings per reading that was judged.
        anti_entropy_s: p95 of the duration of rounds.
        pending_sagas: sagas under way.
        retry_rate: part of the operations that took more than one try.
        saga_stuck_s: after so long a running saga is stuck.
        stuck_sagas: stuck ones beyond which it is severe.
        probe_timeout_s: how long a connected device has to confirm a probe.
    """

    lag_s: float = 5.0
    conflict_rate: float = 0.01
    compensation_rate: float = 0.001
    stale_read_rate: float = 0.05
    anti_entropy_s: float = 60.0
    pending_sagas: float = 100.0
    retry_rate: float = 0.10
    saga_stuck_s: float = 3_600.0
    stuck_sagas: float = 10.0
    probe_timeout_s: float = 30.0

    def changed(self, given: Mapping[str, object]) -> "Thresholds":
        """Give thresholds with other values for some names.

        Raises:
            InvalidValue: a name that isn't one, or a value that isn't a number of 0 or more.
        """
        known = {one.name for one in fields(self)}
        checked: dict[str, float] = {}
        for name, value in given.items():
            if name not in known:
                names = ", ".join(sorted(known))
                raise InvalidValue(f"{name!r} is no threshold; there are: {names}.", field=name)
            checked[name] = _number(name, value)
        return replace(self, **checked)


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise InvalidValue(f"The threshold {name} has to be a number of 0 or more.", field=name)
    return float(value)
