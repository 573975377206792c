"""From a command to what follows from it: facts, or the reason why not."""

from dataclasses import dataclass
from functools import singledispatch

from store.domain.errors import Refused
from store.domain.ledger import booking, budgets, commands, quotas, reserving, sagas, taking_back
from store.domain.ledger.books import Books, existing
from store.domain.ledger.caller import Caller
from store.domain.ledger.facts import Fact


@dataclass(frozen=True, slots=True)
class Setting:
    """What a command is decided in."""

    books: Books
    caller: Caller
    now_ms: int


def decide(books: Books, caller: Caller, command: commands.Command, now_ms: int) -> list[Fact]:
    """Decide a command by the rules; the books are only read.

    Args:
        books: as they stand.
        caller: who asks.
        command: what for.
        now_ms: the authority's clock.

    Returns:
        What is so from now on; empty where it was so already.

    Raises:
        DomainError: a rule says no; the text says what to do.
    """
    if caller.role == "viewer":
        raise Refused("You are a viewer of this space: you can look, and an owner can let you act.")
    return _decide(command, Setting(books, caller, now_ms))


@singledispatch
def _decide(command: object, at: Setting) -> list[Fact]:  # noqa: ARG001 -- the shape of all
    raise AssertionError(f"no rule for {type(command).__name__}")


@_decide.register
def _(command: commands.AddItem, at: Setting) -> list[Fact]:
    return reserving.add_item(at.books, command, at.now_ms)


@_decide.register
def _(command: commands.Reserve, at: Setting) -> list[Fact]:
    return reserving.reserve(at.books, at.caller, command, at.now_ms)


@_decide.register
def _(command: commands.Confirm, at: Setting) -> list[Fact]:
    return reserving.confirm(at.books, at.caller, command, at.now_ms)


@_decide.register
def _(command: commands.Release, at: Setting) -> list[Fact]:
    return reserving.release(at.books, at.caller, command, at.now_ms)


@_decide.register
def _(command: commands.TakeQuota, at: Setting) -> list[Fact]:
    return quotas.take_quota(at.books, at.caller, command, at.now_ms)


@_decide.register
def _(command: commands.ReturnQuota, at: Setting) -> list[Fact]:
    return quotas.return_quota(at.books, at.caller, command, at.now_ms)


@_decide.register
def _(command: commands.MoveQuota, at: Setting) -> list[Fact]:
    return quotas.move_quota(at.books, at.caller, command, at.now_ms)


@_decide.register
def _(command: commands.WriteOff, at: Setting) -> list[Fact]:
    return quotas.write_off(at.books, at.caller, command, at.now_ms)


@_decide.register
def _(command: commands.Settle, at: Setting) -> list[Fact]:
    item = existing(at.books.item(command.item), "item", command.item)
    return taking_back.settled(at.books, item, at.now_ms)


@_decide.register
def _(command: commands.AddBudget, at: Setting) -> list[Fact]:
    return budgets.add_budget(at.books, at.caller, command)


@_decide.register
def _(command: commands.Deposit, at: Setting) -> list[Fact]:
    return budgets.deposit(at.books, command, at.now_ms)


@_decide.register
def _(command: commands.TransferMoney, at: Setting) -> list[Fact]:
    return budgets.transfer_money(at.books, at.caller, command, at.now_ms)


@_decide.register
def _(command: commands.Book, at: Setting) -> list[Fact]:
    return booking.book(at.books, at.caller, command, at.now_ms)


@_decide.register
def _(command: commands.RetrySaga, at: Setting) -> list[Fact]:
    return sagas.retried(existing(at.books.saga(command.saga), "saga", command.saga), at.now_ms)


@_decide.register
def _(command: commands.SetApology, at: Setting) -> list[Fact]:
    return budgets.set_apology(at.books, at.caller, command)
