"""The thread that does a server's jobs: woken by need, by the next thing due, and by a timer.

It is the border for whatever goes wrong in a job: that is logged, and tried again after a pause.
"""

import logging
import threading
from typing import Final

from sync.server.jobs import Jobs

log = logging.getLogger("cairn.server.jobs")

PAUSE_S_FIRST: Final = 0.5  # after a pass that failed; doubles
PAUSE_S_MAX: Final = 60.0


class JobRunner:
    """Runs jobs on a thread of its own, from `start` to `stop`."""

    def __init__(self, jobs: Jobs) -> None:
        """Run these; the thread begins with `start`."""
        self._jobs = jobs
        self._woken = threading.Event()
        self._is_stopped = False
        self._thread = threading.Thread(target=self._loop, name="cairn-jobs")
        self._pause_s = 0.0

    def start(self) -> None:
        """Begin; what fell due while no server ran is done first."""
        self._thread.start()

    def wake(self) -> None:
        """Look at what is due now: there may be something new. From any thread."""
        self._woken.set()

    def stop(self) -> None:
        """End after the pass under way, and leave the jobs to others."""
        self._is_stopped = True
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def _loop(self) -> None:
        while True:
            self._woken.clear()
            if self._is_stopped:  # looked at after the clearing, so that it is never slept over
                break
            self._woken.wait(self._pass_s())
        try:
            self._jobs.give_up()
        except Exception:  # the border: the lease ends by itself too
            log.exception("the jobs were not given up")

    def _pass_s(self) -> float:
        """Run a pass; give the seconds until the next one."""
        try:
            passed = self._jobs.run()
        except Exception:  # the border of the jobs: logged with its trace, and tried again
            log.exception("a pass of the jobs failed")
            self._pause_s = min(max(PAUSE_S_FIRST, self._pause_s * 2), PAUSE_S_MAX)
            return self._pause_s
        self._pause_s = 0.0
        return max(0.0, (passed.next_ms - self._jobs.ledgers.clock_ms()) / 1_000)
