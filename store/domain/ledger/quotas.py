"""Escrow: quotas that a device hands out by itself, as a bounded counter whose rights can move.

A quota is the balance of the device's lease account: granted out of the stock, returned to it,
moved to another device, spent by reservations. The stock can't fall below zero, and neither can a
lease, so all together never hand out more than there is. When a quota lapses, and what becomes of
late reports: DECISIONS D25.

Source: Balegas et al., "Extending Eventually Consistent Cloud Databases for Enforcing Numeric
Invariants", SRDS 2015.
"""

from dataclasses import replace

from store.domain.errors import NotFound, Refused
from store.domain.ledger.accounts import PIECES, Account, Transfer, check_enter
from store.domain.ledger.books import Books, existing
from store.domain.ledger.caller import Caller
from store.domain.ledger.commands import MoveQuota, ReturnQuota, TakeQuota, WriteOff
from store.domain.ledger.facts import (
    AccountOpened,
    Entered,
    Fact,
    Item,
    ItemSet,
    Lease,
    LeaseSet,
)
from store.domain.ledger.ids import TRANSFER, checked_id, lease_account, stock_account
from store.domain.ledger.policies import GRACE_MS
from store.domain.ledger.taking_back import derived_id


def take_quota(books: Books, caller: Caller, asked: TakeQuota, now_ms: int) -> list[Fact]:
    """Grant pieces to the asking device; raises NotFound, Refused, Insufficient."""
    item = _escrow_item(books, asked.item)
    stock = existing(books.account(stock_account(item.id)), "account", item.name)
    return _into_lease(books, item, stock, caller.replica, asked.id, asked.count, now_ms)


def return_quota(books: Books, caller: Caller, asked: ReturnQuota, now_ms: int) -> list[Fact]:
    """Put pieces of the asking device's quota back; raises NotFound, Refused, Insufficient."""
    item = _escrow_item(books, asked.item)
    lease = existing(books.account(lease_account(item.id, caller.replica)), "quota of", item.name)
    stock = existing(books.account(stock_account(item.id)), "account", item.name)
    return [*_move(books, lease, stock, asked.id, asked.count, now_ms), ItemSet(item.moved())]


def move_quota(books: Books, caller: Caller, asked: MoveQuota, now_ms: int) -> list[Fact]:
    """Hand pieces over to another device; raises NotFound, Refused, Insufficient."""
    item = _escrow_item(books, asked.item)
    if asked.to not in caller.others:
        raise NotFound("The space has no such other device; list its devices first.")
    lease = existing(books.account(lease_account(item.id, caller.replica)), "quota of", item.name)
    return _into_lease(books, item, lease, asked.to, asked.id, asked.count, now_ms)


def write_off(books: Books, caller: Caller, asked: WriteOff, now_ms: int) -> list[Fact]:
    """Take a device's whole quota back at once; raises NotFound, Refused."""
    caller.needs_owner("write a device's quota off")
    item = _escrow_item(books, asked.item)
    lease = existing(books.lease(item.id, asked.holder), "quota of", item.name)
    return reclaimed(books, replace(lease, state="revoked"), now_ms)


def revoked(lease: Lease) -> list[Fact]:
    """A device was shut out: it gets no more, and what it has comes back when its time is up."""
    return [] if lease.state != "open" else [LeaseSet(replace(lease, state="revoked"))]


def is_reclaimable(lease: Lease, now_ms: int) -> bool:
    """Whether a quota's time and its grace are over, so that unreported pieces go back."""
    return lease.state != "ended" and lease.expires_at_ms + GRACE_MS <= now_ms


def reclaimed(books: Books, lease: Lease, now_ms: int) -> list[Fact]:
    """Put what is left of a quota back into the stock, and end it."""
    item = existing(books.item(lease.item), "item", lease.item)
    account = existing(books.account(lease_account(item.id, lease.holder)), "quota of", item.name)
    over = replace(lease, expires_at_ms=min(lease.expires_at_ms, now_ms), state="ended")
    facts: list[Fact] = [LeaseSet(over)]
    if account.available > 0:
        stock = existing(books.account(stock_account(item.id)), "account", item.name)
        name = derived_id(TRANSFER, "reclaim", item.id, lease.holder, str(item.version))
        facts += _move(books, account, stock, name, account.available, now_ms)
    return [*facts, ItemSet(item.moved())]


def _escrow_item(books: Books, item: str) -> Item:
    found = existing(books.item(item), "item", item)
    if found.policy.name != "escrow":
        raise Refused(f"{found.name} has no quotas; only items that are sure offline have.")
    return found


def _into_lease(
    books: Books, item: Item, source: Account, holder: str, name: str, count: int, now_ms: int
) -> list[Fact]:
    lease = books.lease(item.id, holder)
    if lease is not None and lease.state == "revoked":
        raise Refused("That device was shut out; it gets no quota.")
    account = books.account(lease_account(item.id, holder))
    opened: list[Fact] = []
    if account is None:
        account = Account(lease_account(item.id, holder), "lease", f"Quota of {item.name}", PIECES)
        opened = [AccountOpened(account)]
    granted = Lease(item.id, holder, now_ms + item.policy.lease_ms, "open")
    return [
        *opened,
        *_move(books, source, account, name, count, now_ms),
        LeaseSet(granted),
        ItemSet(item.moved()),
    ]


def _move(
    books: Books, debit: Account, credit: Account, name: str, count: int, now_ms: int
) -> list[Fact]:
    if books.transfer(checked_id(TRANSFER, name)) is not None:
        raise Refused("There is a transfer with this id already; make a new one.")
    transfer = Transfer(name, debit.id, credit.id, count, PIECES, "posted", name, now_ms)
    check_enter(debit, credit, transfer)
    return [Entered(transfer)]
