"""Reservations at the authority: taken, confirmed, released, expired, by the item's policy.

A reservation is a transfer out of the item's stock that has the reservation's id: pending while it
is a hold, posted where it is final. What a posted one took comes back by `<id>/back`.
"""

from dataclasses import replace
from typing import Final

from store.domain.errors import NotFound, Refused
from store.domain.fields import validated_name
from store.domain.ledger.accounts import (
    PIECES,
    Account,
    Insufficient,
    Transfer,
    TransferState,
    check_enter,
)
from store.domain.ledger.books import Books, existing
from store.domain.ledger.caller import Caller
from store.domain.ledger.commands import AddItem, Confirm, Release, Reserve
from store.domain.ledger.ends import UNTIL_PASSED, checked_end
from store.domain.ledger.facts import (
    AccountOpened,
    Entered,
    Fact,
    Item,
    ItemSet,
    Reservation,
    ReservationSet,
    ReservationState,
    Resolved,
)
from store.domain.ledger.ids import (
    ITEM,
    RESERVATION,
    checked_id,
    lease_account,
    out_account,
    source_account,
    stock_account,
)
from store.domain.ledger.money import checked_amount
from store.domain.ledger.policies import checked_policy
from store.domain.ledger.taking_back import compensation, taken_back

CHANGED: Final = "version-moved"


class VersionMoved(Refused):
    """Somebody was faster: the item is another version by now; look and ask again.

    Attributes:
        version: the item's version now.
    """

    type = CHANGED
    title = "Somebody was faster"

    def __init__(self, item: Item) -> None:
        """Say which item has moved."""
        super().__init__(f"{item.name} was changed meanwhile; it is looked at again.")
        self.version = item.version


def add_item(books: Books, asked: AddItem, now_ms: int) -> list[Fact]:
    """Put something new in stock; raises InvalidValue, Refused."""
    checked_id(ITEM, asked.id)
    checked_amount(asked.count)
    policy = checked_policy(asked.policy)
    name = validated_name("name", asked.name)
    if books.item(asked.id) is not None or books.item_named(name) is not None:
        raise Refused(f"There is an item {name} in this space already.")
    item = Item(asked.id, name, policy, asked.count)
    source = Account(source_account(item.id), "world", item.name, PIECES, None)
    stock = Account(stock_account(item.id), "stock", item.name, PIECES, policy.floor(item.count))
    out = Account(out_account(item.id), "out", item.name, PIECES)
    first = Transfer(item.id, source.id, stock.id, asked.count, PIECES, "posted", item.id, now_ms)
    return [*(AccountOpened(each) for each in (source, stock, out)), Entered(first), ItemSet(item)]


def reserve(books: Books, caller: Caller, asked: Reserve, now_ms: int) -> list[Fact]:
    """Take pieces for somebody.

    Raises:
        NotFound, InvalidValue: no such item; no count.
        VersionMoved: cas, and the item is not as the device saw it.
        Insufficient: there are not that many left for anyone.
    """
    checked_id(RESERVATION, asked.id)
    checked_amount(asked.count)
    item = existing(books.item(asked.item), "item", asked.item)
    if books.reservation(asked.id) is not None or books.transfer(asked.id) is not None:
        raise Refused("There is a reservation with this id already; make a new one.")
    checked_end(asked.until_ms, now_ms, past=UNTIL_PASSED, field="until")
    if item.policy.name == "cas" and asked.version != item.version:
        raise VersionMoved(item)
    wanted = _wanted(books, caller, asked, item, now_ms)
    if asked.is_certain and item.policy.name == "escrow":
        return _spent(books, item, wanted, now_ms)
    try:
        return taken(books, item, wanted, now_ms)
    except Insufficient as short:
        if asked.is_promised and item.policy.name == "probabilistic":
            item = replace(item, wrong_guesses=item.wrong_guesses + 1)
            return [ItemSet(item.moved()), *compensation(books, wanted, str(short), now_ms)]
        raise


def taken(
    books: Books, item: Item, wanted: Reservation, now_ms: int, source: str | None = None
) -> list[Fact]:
    """Take what is wanted out of the stock, or out of a quota (`source`); raises Insufficient."""
    debit = existing(books.account(source or stock_account(item.id)), "account", item.name)
    credit = existing(books.account(out_account(item.id)), "account", item.name)
    state: TransferState = "posted" if wanted.is_final else "pending"
    transfer = Transfer(
        wanted.id,
        debit.id,
        credit.id,
        wanted.count,
        PIECES,
        state,
        wanted.saga or wanted.id,
        now_ms,
        wanted.expires_at_ms,
    )
    check_enter(debit, credit, transfer)
    if item.policy.name == "oversell" and debit.available - wanted.count < 0:
        item = replace(item, oversold_at_ms=now_ms)
    return [Entered(transfer), ReservationSet(wanted), ItemSet(item.moved())]


def confirm(books: Books, caller: Caller, asked: Confirm, now_ms: int) -> list[Fact]:
    """Make a hold final; raises NotFound, Refused (it has ended, or is somebody else's)."""
    found = _own(books, caller, asked.reservation)
    if found.is_final and found.state == "confirmed":
        return []
    if found.expires_at_ms is not None and found.expires_at_ms <= now_ms:
        raise Refused("The hold has expired, and the pieces went back; reserve again.")
    _check_live(found)
    if found.saga is not None:
        raise Refused("It belongs to a booking, which confirms it by itself.")
    final = replace(found, is_final=True, expires_at_ms=None)
    return [Resolved(found.id, "posted"), ReservationSet(final)]


def release(books: Books, caller: Caller, asked: Release, now_ms: int) -> list[Fact]:
    """Give reserved pieces back; raises NotFound, Refused."""
    found = _own(books, caller, asked.reservation)
    if found.state == "released":
        return []
    _check_live(found)
    if found.saga is not None and not found.is_final:
        raise Refused("It belongs to a booking that is under way; wait until that has ended.")
    return ended(books, found, "released", "It was given back.", now_ms)


def expired(books: Books, found: Reservation, now_ms: int) -> list[Fact]:
    """End a reservation whose time is up; nothing where it has ended, or is not due."""
    if found.state != "confirmed" or found.expires_at_ms is None or found.expires_at_ms > now_ms:
        return []
    reason = "Its time was up." if found.is_final else "It was not confirmed in time."
    return ended(books, found, "expired", reason, now_ms)


def ended(
    books: Books, found: Reservation, state: ReservationState, reason: str, now_ms: int
) -> list[Fact]:
    """Put a live reservation's pieces back into the stock."""
    item = existing(books.item(found.item), "item", found.item)
    unconfirmed: TransferState = "expired" if state == "expired" else "voided"
    move = taken_back(found, reason, now_ms, unconfirmed=unconfirmed)
    gone = replace(found, state=state, reason=reason, is_final=True, expires_at_ms=None)
    return [move, ReservationSet(gone), ItemSet(item.moved())]


def _wanted(books: Books, caller: Caller, asked: Reserve, item: Item, now_ms: int) -> Reservation:
    is_hold = item.policy.name == "reservation"
    until_ms = asked.until_ms
    if is_hold and until_ms is None:
        until_ms = now_ms + item.policy.hold_ms
    return Reservation(
        asked.id,
        asked.item,
        asked.count,
        "confirmed",
        caller.replica,
        caller.person,
        caller.tier,
        books.last_asked() + 1,
        is_final=not is_hold,
        expires_at_ms=until_ms,
        task=asked.task,
    )


def _spent(books: Books, item: Item, wanted: Reservation, now_ms: int) -> list[Fact]:
    """A device reports what it has handed out of its quota.

    First in wins (DECISIONS D25): what comes too late, or above the quota, is taken from the stock
    if that has it, and else made good.
    """
    for source in (lease_account(item.id, wanted.holder), stock_account(item.id)):
        if books.account(source) is not None:
            try:
                return taken(books, item, wanted, now_ms, source)
            except Insufficient:
                continue
    reason = f"The quota of {item.name} had ended, and others have taken what it held."
    return compensation(books, wanted, reason, now_ms)


def _own(books: Books, caller: Caller, reservation: str) -> Reservation:
    found = books.reservation(reservation)
    if found is None:
        raise NotFound(f"There is no reservation {reservation[:60]!a}.")
    if found.holder != caller.replica and found.person != caller.person and not caller.is_owner:
        raise Refused(f"It is {found.person}'s reservation; only {found.person} or an owner may.")
    return found


def _check_live(found: Reservation) -> None:
    if found.state != "confirmed":
        raise Refused(f"The reservation has ended: {found.state}. {found.reason}".rstrip())
