"""What happened in a world, line by line, and one hash of it: the same one for the same seed."""

import hashlib
from collections import deque
from collections.abc import Callable

KEPT_LINES = 400  # of the end, for whoever looks into a failure


class Trace:
    """Takes lines; keeps their hash and the last of them.

    Attributes:
        tail: the last lines.
        lines: how many there were.
    """

    def __init__(self, time: Callable[[], float]) -> None:
        self.tail: deque[str] = deque(maxlen=KEPT_LINES)
        self.lines = 0
        self._time = time
        self._hash = hashlib.sha256()

    def say(self, line: str) -> None:
        """Note what happens now."""
        whole = f"{self._time():.6f} {line}"
        self.lines += 1
        self.tail.append(whole)
        self._hash.update(whole.encode() + b"\n")

    def digest(self) -> str:
        """The hash of all lines so far."""
        return self._hash.hexdigest()
