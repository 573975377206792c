"""The three ways out of a refusal (DECISIONS D20): retry, take back, save as new."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.ui.components.controls import OnEvent
from app.ui.session import Session
from store.domain.ids import DocId
from store.replica import Replica


@dataclass(frozen=True, slots=True)
class Way:
    """A way out: the words of its button, and what goes it."""

    words: str
    go: OnEvent


def ways_out(session: Session, doc: DocId) -> tuple[Way, Way, Way]:
    """Give the ways out for an item with refused changes."""

    def way(words: str, act: Callable[[Replica], Any], said: str) -> Way:
        async def go() -> None:
            def do(replica: Replica) -> bool:
                act(replica)
                return True

            await session.act(do, said=said)

        return Way(words, session.handler(go))

    return (
        way("Try again", lambda replica: replica.retry_parked(doc), "It will be sent again."),
        way(
            "Take back",
            lambda replica: replica.take_back(doc),
            "Taken back. What it said is kept as a draft.",
        ),
        way("Save as new", lambda replica: replica.salvage(doc), "Saved as a new item."),
    )
