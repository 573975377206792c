"""The three ways out of a refusal (DECISIONS D20): retry, take back, save as new."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.ui.components.controls import OnEvent
from app.ui.session import Session
from store.domain.ids import DocId
from store.replica import Replica

Act = Callable[[Replica], Any]


@dataclass(frozen=True, slots=True)
class Way:
    """A way out: the words of its button, what it does, and what goes it."""

    words: str
    sentence: str
    go: OnEvent


def _stay(_: str | None) -> None:
    """Go nowhere."""


def ways_out(
    session: Session, doc: DocId, *, leave: Callable[[str | None], None] = _stay
) -> tuple[Way, Way, Way]:
    """Give the ways out for an item with refused changes.

    Args:
        session: the tab.
        doc: the item.
        leave: told once they are not refused any more, with the id of the new item if one was made.
    """

    def way(words: str, sentence: str, act: Act, then: Callable[[Any], None]) -> Way:
        async def go() -> None:
            done = await session.act(lambda replica: (act(replica),))
            if done is not None:
                then(*done)

        return Way(words, sentence, session.handler(go))

    return (
        way(
            "Try again",
            "Offer it to the server once more, as it is.",
            lambda replica: replica.retry_parked(doc),
            lambda _: session.core.sync.retry_now(),
        ),
        way(
            "Take back",
            "Undo the refused changes here; your text is kept until you say what becomes of it.",
            lambda replica: replica.take_back(doc),
            leave,
        ),
        way(
            "Save as new",
            "Keep what it says here as a new item; this one goes back to what the server has.",
            lambda replica: replica.salvage(doc),
            leave,
        ),
    )
