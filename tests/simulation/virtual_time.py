"""An event loop on a time of its own, which no thread and no clock outside can disturb.

Time stands still while something runs and then jumps to what is due next, so an hour of long polls
costs nothing. Work for a thread is done on the loop itself, a seeded moment later: between two
steps of a round others get their turn, in an order that the seed repeats.
"""

import asyncio
import selectors
import traceback
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")

THREAD_S_MAX = 0.003  # how long a thread takes to come to its work


class NothingLeft(AssertionError):
    """Everybody waits for something that will never happen."""


class _TimeOnly(selectors.SelectSelector):
    """Waits for nothing but time: no file or socket has a part in a world."""

    def __init__(self, waited: Callable[[float | None], None]) -> None:
        super().__init__()
        self._waited = waited

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._waited(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop of one world.

    Attributes:
        unhandled: what nobody caught; a world that ends with any has failed.
    """

    def __init__(self, rng: Random) -> None:
        self._now = 1_000.0
        self._rng = rng
        self.unhandled: list[str] = []
        super().__init__(_TimeOnly(self._wait))
        self.set_exception_handler(lambda _, context: self.unhandled.append(_told(context)))

    def time(self) -> float:
        """Seconds of the world."""
        return self._now

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> Any:
        """Do the work on the loop, a moment later; who stopped waiting does not stop it."""
        future: asyncio.Future[T] = self.create_future()

        def run() -> None:
            try:
                result = func(*args)
            except BaseException as error:  # noqa: BLE001 -- a thread's border, as in asyncio
                if not future.done():
                    future.set_exception(error)
            else:
                if not future.done():
                    future.set_result(result)

        self.call_later(self._rng.uniform(0.0, THREAD_S_MAX), run)
        return future

    def _write_to_self(self) -> None:
        """Nobody else is there to be woken: `call_soon_threadsafe` comes from the loop's thread."""

    def _wait(self, timeout: float | None) -> None:
        if timeout is None:
            raise NothingLeft("nothing is due and nothing will ever be")
        self._now += timeout


def _told(context: dict[str, Any]) -> str:
    error = context.get("exception")
    if error is None:
        return str(context["message"])
    return "".join(traceback.format_exception(error))


def run_virtually(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]], rng: Random) -> T:
    """Run a coroutine to its end on a loop of its own.

    Raises:
        NothingLeft: it waits for ever.
        AssertionError: something failed that nobody caught.
    """
    loop = VirtualLoop(rng)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        result = runner.run(main(loop))
    assert not loop.unhandled, "\n".join(loop.unhandled)
    return result
