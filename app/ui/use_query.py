"""Hooks: what the replica says to a question, asked again whenever the answer may have moved."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import flet as ft

from app.ui.changes import moved_within
from app.ui.effects import use_work
from app.ui.session import Session
from store.change_set import Topic
from store.domain.errors import NotFound
from store.replica import Replica

T = TypeVar("T")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """An answer, and what it answers.

    Attributes:
        value: None while nothing was answered yet.
        given: what the question depended on; None while nothing was answered yet.
    """

    value: T | None = None
    given: tuple[object, ...] | None = None


def use_query(
    session: Session,
    ask: Callable[[Replica], T],
    *,
    on: Sequence[Topic],
    given: Sequence[object] = (),
    keep: bool = False,
) -> T | None:
    """Ask the replica in a thread, now and whenever rows of a topic moved, while the part is shown.

    Args:
        session: the tab.
        ask: the question.
        on: topics that the answer depends on.
        given: values that the question depends on; a change of one asks anew.
        keep: show the last answer until the new one comes, instead of nothing.

    Returns:
        The answer; None until there is one.
    """
    answer = use_answer(session, ask, on=on, given=given)
    return answer.value if keep or answer.given == tuple(given) else None


def use_answer(
    session: Session,
    ask: Callable[[Replica], T],
    *,
    on: Sequence[Topic],
    given: Sequence[object] = (),
) -> Answer[T]:
    """Ask as `use_query` does, and say too what the last answer, which is shown still, answers."""
    answer, set_answer = ft.use_state(Answer[T]())
    wanted = tuple(given)

    async def look() -> None:
        value = await session.read(ask)
        set_answer(Answer(value, wanted))

    use_looking(session, look, on=on, given=wanted)
    return answer


def there(ask: Callable[[Replica], T]) -> Callable[[Replica], T | None]:
    """Make of a question about one item one that is answered with None once the item is gone."""

    def asked(replica: Replica) -> T | None:
        try:
            return ask(replica)
        except NotFound:
            return None

    return asked


def use_looking(
    session: Session,
    look: Callable[[], Awaitable[None]],
    *,
    on: Sequence[Topic],
    given: Sequence[object] = (),
    every_s: float | None = None,
) -> None:
    """Look now, and whenever rows of a topic moved, while the part is shown and its tab is seen.

    Args:
        session: the tab.
        look: what is done.
        on: topics.
        given: values that it depends on; a change of one begins anew.
        every_s: look after this time too, where nothing moved.
    """

    async def follow() -> None:
        with session.changes.heard(*on) as moved:
            while True:
                moved.clear()
                await look()
                await moved_within(moved, every_s)
                await session.shown()  # what nobody sees is asked once somebody does

    use_work(session, follow, list(given))
