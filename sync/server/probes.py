"""Probes: what is written only to see how long it takes to reach the devices that are connected.

A probe is a register of its own device, overwritten by the next one and kept in memory only: as a
row of the log, one every few minutes would outgrow what people write (ADR 12). It goes the way of a
change: it wakes the long polls of the space, and devices fetch it with their next page. Who is
awaited is who had a long poll open when it was sent; a device that was asleep proves nothing.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sync.protocol.probes import Probe, ProbeOutcome, ProbeSent
from sync.server.callers import Caller
from sync.server.metrics import Metrics
from sync.server.wakeups import Wakeups

PROBES_KEPT_MAX: Final = 10_000  # one a device; the longest ago make room


@dataclass(slots=True)
class _Register:
    """A device's last probe."""

    stamp: int
    at_ms: int
    awaited: frozenset[str]
    confirmed: set[str] = field(default_factory=set)


class Probes:
    """The probes of all spaces of one server. Thread-safe.

    Args:
        wakeups: who is connected.
        clock_ms: Unix time.
        metrics: hear how long probes take.
    """

    def __init__(self, wakeups: Wakeups, clock_ms: Callable[[], int], metrics: Metrics) -> None:
        self._wakeups = wakeups
        self._metrics = metrics
        self._clock_ms = clock_ms
        self._lock = threading.Lock()
        self._registers: OrderedDict[tuple[str, str], _Register] = OrderedDict()
        self._last_stamp = 0

    def send(self, caller: Caller, at_ms: int) -> ProbeSent:
        """Write a device's probe, and wake who is connected.

        Args:
            caller: whose.
            at_ms: when it was written, by this server's clock as the device measured it.
        """
        now_ms = self._clock_ms()
        awaited = self._wakeups.replicas(caller.space) - {caller.replica}
        with self._lock:
            # Above all that an earlier run of this server gave out.
            self._last_stamp = max(self._last_stamp + 1, now_ms)
            stamp = self._last_stamp
            key = (caller.space, caller.replica)
            self._registers[key] = _Register(stamp, min(at_ms, now_ms), frozenset(awaited))
            self._registers.move_to_end(key)
            while len(self._registers) > PROBES_KEPT_MAX:
                self._registers.popitem(last=False)
        self._metrics.probe_sent(len(awaited))
        self._wakeups.tell(caller.space, origin=caller.replica)
        return ProbeSent(stamp, len(awaited))

    def beyond(self, caller: Caller, seen: int) -> list[Probe]:
        """The probes that await a device and are newer than those it has seen."""
        with self._lock:
            found = [
                Probe(register.stamp, register.at_ms)
                for (space, _), register in self._registers.items()
                if space == caller.space
                and register.stamp > seen
                and caller.replica in register.awaited
            ]
        return sorted(found, key=lambda probe: probe.stamp)

    def confirm(self, caller: Caller, seen: int) -> None:
        """Note that a device has all probes up to a stamp."""
        if not seen:
            return
        now_ms = self._clock_ms()
        with self._lock:
            for (space, _), register in self._registers.items():
                is_due = caller.replica in register.awaited - register.confirmed
                if space == caller.space and register.stamp <= seen and is_due:
                    register.confirmed.add(caller.replica)
                    self._metrics.probe_confirmed(max(0, now_ms - register.at_ms))

    def outcome(self, caller: Caller, stamp: int) -> ProbeOutcome:
        """Say how many devices a probe of the caller awaited, and how many have confirmed it.

        Both are zero where it is no longer known: overwritten, or of an earlier run.
        """
        with self._lock:
            register = self._registers.get((caller.space, caller.replica))
            if register is None or register.stamp != stamp:
                return ProbeOutcome(0, 0)
            return ProbeOutcome(len(register.awaited), len(register.confirmed))
