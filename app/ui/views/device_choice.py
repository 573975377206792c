"""Choosing another device of a space, from the signed list that is here: no network is needed."""

from dataclasses import dataclass

from app.ui.asking import ask_one
from app.ui.session import Session
from app.ui.words import who
from store.domain.ids import SpaceId
from store.replica import Replica
from sync.client.own_members import listed


@dataclass(frozen=True, slots=True)
class Other:
    """Another device: its replica id, and what people call it."""

    id: str
    name: str


async def choose_device(session: Session, space: str, question: str) -> Other | None:
    """Ask for one; None where the person went away, or none is known, which they are told."""
    found = await session.read(lambda replica: _others(replica, space))
    if found is None:
        return None
    if not found:
        session.say(f"No other device of {space} is known here.")
        return None
    chosen = await ask_one(session, question, [(each.id, each.name) for each in found])
    return next((each for each in found if each.id == chosen), None)


def _others(replica: Replica, space: str) -> list[Other]:
    own = replica.identity.replica_id
    there = listed(replica, SpaceId(replica.space(space).id))
    return [
        Other(each.id, who(each.person, each.device))
        for each in there
        if each.id != own and not each.revoked
    ]
