"""Taking back what was asked of an authority: the part of undo that is about supplies and money.

A wish that was not sent yet is withdrawn, as if it had never been. Once the authority has decided,
only a wish of its own goes back on it: what has a contrary (a quota taken and given back, money
moved one way and the other) asks for that, and what has none can never be taken back any more.
"""

from collections.abc import Mapping
from typing import Any, Final

from store.clocks import read_clocks
from store.commands.asking import Asking
from store.commands.inverse import Inverse
from store.commands.seeing import was_seen
from store.commands.unit_of_work import UnitOfWork
from store.domain.errors import Refused
from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.money import shown_amount
from store.ledger import outbox
from store.queries import reservations
from store.spaces import find_space

ENTERED: Final = "The server has decided it already, so this can't be undone any more."
_UNDER_WAY: Final = "It is on its way to the server; undo it once the answer is here."
_NOT_KEPT: Final = "The server refused it, so there is nothing to undo."
_BUILT_ON: Final = "Something else that waits to be sent was asked of it; undo that first."


def release(act: UnitOfWork, reservation: str) -> None:
    """Give reserved pieces back, or take the wish for them back; raises Refused."""
    found = reservations.reservation(act.conn, reservation)
    space = SpaceId(find_space(act.conn, found.space).id)
    Asking(act, space, read_clocks).release(found)


def why_ended(act: UnitOfWork, reservation: str) -> str:
    """Say why reserved pieces can never be given back any more; empty where they may be."""
    found = next((r for r in reservations.reservations(act.conn) if r.id == reservation), None)
    if found is None or found.state == "rejected":
        return _NOT_KEPT
    if found.state in ("requested", "certain", "confirmed"):
        return ""
    return f"The reservation has ended ({found.state}), so this can't be undone any more."


def reserve_anew(act: UnitOfWork, wanted: Mapping[str, Any]) -> str:
    """Reserve once more what was given back, as sure as that is now; gives the new reservation."""
    asking = Asking(act, SpaceId(wanted["space"]), read_clocks)
    return asking.reserve(wanted["item"], wanted["count"], task=wanted["task"])


def wished(act: UnitOfWork, space: SpaceId) -> Inverse:
    """Say how to take back what was asked for just now."""
    intent = outbox.last(act.conn, space)
    contrary: tuple[str | int, ...] = ()
    match intent.command:
        case c.TakeQuota(_, item, count):
            contrary = ("return_quota", item, count)
        case c.ReturnQuota(_, item, count):
            contrary = ("take_quota", item, count)
        case c.TransferMoney(_, debit, credit, amount, currency):
            contrary = ("transfer", credit, debit, shown_amount(amount, currency))
    return Inverse.of_wish(intent.key, space, contrary)


def why_never(act: UnitOfWork, key: str, wish: Mapping[str, Any]) -> str:
    """Say why a wish can never be taken back any more; empty where it may be, now or later."""
    intent = outbox.with_key(act.conn, key)
    if was_seen(act.conn, key) or (intent is not None and intent.state == "refused"):
        return _NOT_KEPT
    return ENTERED if intent is None and not wish["contrary"] else ""


def take_back(act: UnitOfWork, key: str, wish: Mapping[str, Any]) -> list[Inverse]:
    """Take a wish back, or ask for its contrary; says how to take that back in turn.

    Args:
        act: the act.
        key: of the wish in the outbox; it is there until its effect is here.
        wish: its `space`, and its `contrary` as a method of `Asking` with arguments, if it has one.

    Raises:
        Refused: it is under way, was refused, or has no contrary.
    """
    space = SpaceId(wish["space"])
    intent = outbox.with_key(act.conn, key)
    if intent is None:
        return [_contrary(act, space, wish["contrary"])]
    if intent.sent or intent.state != "waiting":
        raise Refused(_UNDER_WAY)
    if outbox.is_built_on(act.conn, intent):
        raise Refused(_BUILT_ON)
    outbox.withdraw(act.conn, intent)
    act.ledgers.add(space)
    return []


def _contrary(act: UnitOfWork, space: SpaceId, contrary: list[Any]) -> Inverse:
    asking = Asking(act, space, read_clocks)
    match contrary:
        case ["take_quota", str(item), int(count)]:
            asking.take_quota(item, count)
        case ["return_quota", str(item), int(count)]:
            asking.return_quota(item, count)
        case ["transfer", str(debit), str(credit), str(amount)]:
            asking.transfer(debit, credit, amount)
        case _:
            raise Refused(ENTERED)
    return wished(act, space)
