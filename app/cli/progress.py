"""Progress of what takes over a second, on standard error: the answer has standard output."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

SILENT_S: Final = 1.0  # what is over sooner needs no progress
TERMINAL_STEP_S: Final = 0.1
FILE_STEP_S: Final = 5.0  # a log gets a line now and then, not a film


class Progress:
    """Tells how far something is; a context manager, so that its line ends with it.

    Args:
        doing: what is being done: `Importing`.
        clock: seconds that only grow.
    """

    def __init__(self, doing: str, *, clock: Callable[[], float] = monotonic) -> None:
        self._doing = doing
        self._clock = clock
        self._on_terminal = sys.stderr.isatty()
        self._step_s = TERMINAL_STEP_S if self._on_terminal else FILE_STEP_S
        self._next_at = clock() + SILENT_S
        self._width = 0

    def __call__(self, done: int, total: int | None = None) -> None:
        """Say how many are done, of how many if that is known."""
        now = self._clock()
        if now < self._next_at:
            return
        self._next_at = now + self._step_s
        self._show(f"{self._doing} … {done}" + (f" of {total}" if total is not None else ""))

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()

    def _show(self, line: str) -> None:
        if self._on_terminal:
            sys.stderr.write("\r" + line.ljust(self._width))
            self._width = max(self._width, len(line))
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()
