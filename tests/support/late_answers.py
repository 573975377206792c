"""A home that answers one question late: what the app shows until then can be looked at."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from store.replica import Replica

_WAITS_S_MAX = 10.0


class LateAnswer:
    """A question to a home that is answered once it may be, by the home itself."""

    def __init__(self) -> None:
        """Hold every answer back."""
        self.is_asked = threading.Event()
        self._may = threading.Event()

    def come(self) -> None:
        """Let it be answered, now and from now on."""
        self._may.set()

    def wait(self) -> None:
        """Wait in the thread that asks."""
        self.is_asked.set()
        assert self._may.wait(_WAITS_S_MAX), "nobody let it be answered"


@contextmanager
def late_answer(replica: Replica, question: str) -> Iterator[LateAnswer]:
    """Hold back what a home answers to a question, by the name of its method."""
    answer = LateAnswer()
    asked = getattr(replica, question)

    def late(*args: Any, **wanted: Any) -> Any:
        answer.wait()
        return asked(*args, **wanted)

    setattr(replica, question, late)
    try:
        yield answer
    finally:
        delattr(replica, question)
        answer.come()
