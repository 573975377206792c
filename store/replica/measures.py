"""What a replica tells of its own consistency: the measures, the alerts, and when to raise them."""

import random
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from store.commands.settings import change_fields, read_fields
from store.commands.undoing import record_act
from store.database.connection import Database
from store.database.meta import read_meta
from store.domain.measures.alerts import Alert, alerts_of
from store.domain.measures.health import Health, health_of
from store.domain.measures.thresholds import Thresholds
from store.domain.measures.windows import Window
from store.measures.reading import Stretch, read_stretches, read_windows
from store.measures.readings import Readings
from store.measures.standing import read_standing
from store.replica.core import ReplicaCore

_THRESHOLDS: Final = "measures.thresholds"


class Measures(ReplicaCore):
    """The measures of a replica.

    Attributes:
        readings: what was looked at here, to be judged by the sync engine.
    """

    def __init__(
        self,
        home: Path,
        database: Database,
        clock_ms: Callable[[], int],
        entropy: Callable[[int], bytes],
    ) -> None:
        """Use `Replica.open`."""
        super().__init__(home, database, clock_ms, entropy)
        self.readings = Readings(time.monotonic, random.Random())

    def health(self) -> Health:
        """The measures over the last hour, day and month, and how things stand now."""
        now_ms = self._clock_ms()
        with self.db.read() as conn:
            standing = read_standing(
                conn,
                self.db.path,
                now_ms=now_ms,
                stuck_after_s=_thresholds(conn).saga_stuck_s,
            )
            return health_of(read_windows(conn, now_ms), standing, now_ms)

    def alerts(self, health: Health) -> tuple[Alert, ...]:
        """The alerts that measures give by this home's thresholds, the severe ones first."""
        return alerts_of(health, self.thresholds())

    def measure_course(self, window: Window) -> list[Stretch]:
        """What was sampled in a window, one stretch of time after the other, for a chart."""
        with self.db.read() as conn:
            return read_stretches(conn, window, self._clock_ms())

    def thresholds(self) -> Thresholds:
        """When measures are worth an alert."""
        with self.db.read() as conn:
            return _thresholds(conn)

    def set_thresholds(self, given: Mapping[str, float]) -> Thresholds:
        """Change some thresholds of this home; raises InvalidValue."""
        with self.act() as act:
            changed = _thresholds(act.conn).changed(given)
            record_act(act, "thresholds", change_fields(act, _THRESHOLDS, given))
        return changed

    def reset_thresholds(self) -> Thresholds:
        """Go back to the thresholds that Cairn comes with."""
        with self.act() as act:
            own = dict.fromkeys(read_fields(read_meta(act.conn, _THRESHOLDS)))
            record_act(act, "thresholds", change_fields(act, _THRESHOLDS, own))
        return Thresholds()


def _thresholds(conn: sqlite3.Connection) -> Thresholds:
    return Thresholds().changed(read_fields(read_meta(conn, _THRESHOLDS)))
