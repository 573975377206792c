"""Shared supplies: what there is, reserving, giving back, quotas for work without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app import supply_shapes
from app.cli import values
from app.cli.duration import Span
from app.cli.money import answer_entries, limited
from app.cli.parameters import CairnGroup, command, listing
from app.cli.render.words import on_one_line
from store.domain.errors import Refused
from store.domain.ledger.policies import NAMES, Policy

if TYPE_CHECKING:
    from app.cli.session import Session
    from store.supply_rows import ReservationRow

DEFAULT_POLICY = "escrow"


@listing("stock")
def stock(session: Session) -> None:
    """Shared supplies: what is there, what is yours, and how sure that is."""
    rows = session.replica.supplies(session.space)

    def text() -> str:
        from app.cli.render.supplies import item_list

        return item_list(rows, session.now)

    session.answer([supply_shapes.item(row) for row in rows], text)


@command("add")
@click.argument("name")
@click.option("--count", type=int, required=True, metavar="N", help="How many pieces there are.")
@click.option(
    "--policy",
    type=click.Choice(NAMES),
    default=DEFAULT_POLICY,
    show_default=True,
    help="How it may be reserved; `cairn stock policies` says what each promises.",
)
@click.option("--hold", type=Span(), metavar="SPAN", help="reservation: until it is confirmed.")
@click.option("--oversell", type=int, metavar="PERCENT", help="oversell: how many too many.")
@click.option("--sure", type=int, metavar="PERCENT", help="probabilistic: how sure to be.")
@click.option("--lease", type=Span(), metavar="SPAN", help="escrow: how long a quota lasts.")
def add(
    session: Session,
    name: str,
    count: int,
    policy: str,
    hold: int | None,
    oversell: int | None,
    sure: int | None,
    lease: int | None,
) -> None:
    """Put something new in stock."""
    numbers = {
        "hold_ms": None if hold is None else hold * 1_000,
        "oversell_percent": oversell,
        "sure_percent": sure,
        "lease_ms": None if lease is None else lease * 1_000,
    }
    given = {key: value for key, value in numbers.items() if value is not None}
    made = Policy(policy, **given)  # type: ignore[arg-type]
    item = session.replica.add_item(name, count, made, space=session.space)
    _answer_item(session, item, "In stock")


@command("policies")
def policies(session: Session) -> None:
    """Say what each policy promises."""
    from store.domain.ledger.policies import EXPLAINED, PROMISES

    value = [
        {"policy": name, "promise": PROMISES[name], "means": EXPLAINED[name]} for name in NAMES
    ]

    def text() -> str:
        from app.cli.render.supplies import policy_list

        return policy_list([(name, PROMISES[name], EXPLAINED[name]) for name in NAMES])

    session.answer(value, text)


@command("reserve", has_numbers=True)
@click.argument("item")
@click.argument("count", type=int, metavar="N")
@click.option("--for", "task", metavar="TASK", help="The task that they are for.")
@click.option("--until", metavar="T", help="When it ends by itself; a hold: until when.")
def reserve(session: Session, item: str, count: int, task: str | None, until: str | None) -> None:
    """Reserve pieces of an item; says whether that is certain, or only asked for."""
    replica = session.replica
    made = replica.reserve(
        item,
        count,
        task=None if task is None else session.item(task),
        until_ms=None if until is None else values.until_ms("--until", until, session.now),
        space=session.space,
    )
    if replica.supply(item, space=session.space).policy.name == "pessimistic":
        _ask_at_once(session, made)
    _answer_reservation(session, made)


@command("confirm")
@click.argument("reservation", metavar="RESERVATION")
def confirm(session: Session, reservation: str) -> None:
    """Make a hold final, before its time is up."""
    found = session.replica.reservation(reservation)
    session.replica.confirm(found.id)
    _answer_reservation(session, found.id)


@command("release")
@click.argument("reservation", metavar="RESERVATION")
def release(session: Session, reservation: str) -> None:
    """Give reserved pieces back, or take back that they were asked for."""
    from dataclasses import replace

    found = session.replica.reservation(reservation)
    session.replica.release(found.id)
    left = [row for row in session.replica.reservations(item=found.item) if row.id == found.id]
    # What had not been sent is simply gone.
    _show(session, left[0] if left else replace(found, state="released", reason="", is_final=True))


@command("quota", has_numbers=True)
@click.argument("item")
@click.argument("count", type=int, metavar="[N]", required=False)
@click.option("--return", "gives_back", is_flag=True, help="Give N pieces of the quota back.")
@click.option("--to", "device", metavar="DEVICE", help="Hand N pieces over to another device.")
def quota(
    session: Session, item: str, count: int | None, gives_back: bool, device: str | None
) -> None:
    """Ask for N pieces that this device may hand out by itself; without N, show its quota."""
    replica = session.replica
    if count is None and (gives_back or device is not None):
        raise click.UsageError("Say how many pieces with N.")
    if gives_back and device is not None:
        raise click.UsageError("Give either --return or --to.")
    if count is not None:
        if gives_back:
            replica.return_quota(item, count, space=session.space)
        elif device is not None:
            to = _device(session, device)
            replica.move_quota(item, count, to, space=session.space)
        else:
            replica.take_quota(item, count, space=session.space)
    _answer_item(session, item, "Quota")


@command("write-off")
@click.argument("item")
@click.argument("device", metavar="DEVICE")
def write_off(session: Session, item: str, device: str) -> None:
    """Take a lost device's quota back now, whatever it may have promised (owners)."""
    session.replica.write_off(item, _device(session, device), space=session.space)
    _answer_item(session, item, "Asked for")


@command("settle")
@click.argument("item")
def settle(session: Session, item: str) -> None:
    """Cancel now what an item was oversold by, instead of some time later; people are told why."""
    session.replica.settle(item, space=session.space)
    _answer_item(session, item, "Asked for")


@command("reservations")
@click.option("--item", metavar="ITEM", help="Only of this item.")
@click.option("--for", "task", metavar="TASK", help="Only for this task.")
@click.option("--mine", is_flag=True, help="Only yours.")
def reservations(session: Session, item: str | None, task: str | None, mine: bool) -> None:
    """List reservations in the order in which they were asked for."""
    replica = session.replica
    rows = replica.reservations(
        space=session.space,
        item=None if item is None else replica.supply(item, space=session.space).id,
        task=None if task is None else session.item(task),
        only_mine=mine,
    )

    def text() -> str:
        from app.cli.render.supplies import reservation_list

        return reservation_list(rows, session.now)

    session.answer([supply_shapes.reservation(row) for row in rows], text)


@command("entries")
@click.argument("item")
@limited
def entries(session: Session, item: str, limit: int) -> None:
    """List what the ledger has entered about an item, the last first."""
    row = session.replica.supply(item, space=session.space)
    answer_entries(session, row.id, limit)


for each in (
    add,
    policies,
    reserve,
    confirm,
    release,
    quota,
    write_off,
    settle,
    reservations,
    entries,
):
    assert isinstance(stock, CairnGroup), "listing made it"
    stock.add_command(each)


def _ask_at_once(session: Session, reservation: str) -> None:
    """Get the authority's word now; raises Refused where it says no, or nothing."""
    from app.cli.network import sync_space

    sync_space(session, session.replica.reservation(reservation).space)
    row = session.replica.reservation(reservation)
    if row.state != "rejected":
        return
    for notice in session.replica.notices():
        if notice.about == reservation:
            session.replica.note_told(notice.id)
    raise Refused(row.reason)


def _device(session: Session, named: str) -> str:
    """Find a device of the space by its id or name; asks the server."""
    from app.cli.network import ask_members
    from sync.client.own_members import find_device

    return find_device(
        ask_members(session, lambda members: members.devices(session.space)), named
    ).id


def _answer_item(session: Session, named: str, said: str) -> None:
    row = session.replica.supply(named, space=session.space)

    def text() -> str:
        from app.cli.render.supplies import item_line

        return f"{said}: {item_line(row)}"

    session.answer(supply_shapes.item(row), text)


def _answer_reservation(session: Session, reservation: str) -> None:
    _show(session, session.replica.reservation(reservation))


def _show(session: Session, row: ReservationRow) -> None:
    def text() -> str:
        from app.cli.render.supplies import reservation_line

        return on_one_line(reservation_line(row, session.now))

    session.answer(supply_shapes.reservation(row), text)
