"""One item in stock: what is left and mine, reserving, this device's quota, who has what."""

from typing import Final

import flet as ft

from app.local_time import moment_words
from app.supply_words import kept_words, known_words, mine_words, reservation_words
from app.ui.components.controls import apart, heading, keyed, quiet
from app.ui.components.forms import field_and_button
from app.ui.components.typed_field import typed_field, use_typing
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.views.device_choice import choose_device
from app.ui.views.supply_form import whole_number
from app.ui.views.supply_owners import ForOwners
from store.domain.ledger.policies import EXPLAINED
from store.replica import Replica
from store.supply_rows import ItemRow, ReservationRow, ReservedState

_SURE: Final[dict[ReservedState, tuple[ft.IconData, str]]] = {
    "certain": (ft.Icons.VERIFIED, ft.Colors.PRIMARY),
    "confirmed": (ft.Icons.VERIFIED, ft.Colors.PRIMARY),
    "requested": (ft.Icons.HOURGLASS_EMPTY, ft.Colors.TERTIARY),
    "rejected": (ft.Icons.BLOCK, ft.Colors.ERROR),
    "compensated": (ft.Icons.UNDO, ft.Colors.ERROR),
    "expired": (ft.Icons.TIMER_OFF_OUTLINED, ft.Colors.OUTLINE),
    "released": (ft.Icons.KEYBOARD_RETURN, ft.Colors.OUTLINE),
}
_SHOWN_MAX: Final = 100
_HELD: Final = ("certain", "requested", "confirmed")


@ft.component
def SupplyPage(session: Session, item: str) -> ft.Control:  # noqa: N802
    """Draw the page."""
    row = use_query(
        session,
        lambda replica: next((one for one in replica.supplies() if one.id == item), None),
        on=("ledger", "spaces"),
        given=(item,),
        keep=True,
    )
    if row is None:
        return ft.Container()
    policy = row.policy
    return ft.ListView(
        [
            ft.Text(row.name, theme_style=ft.TextThemeStyle.TITLE_LARGE),
            ft.Text(f"{row.available} of {row.count} left"),
            quiet(f"{row.space} · {known_words(row, session.now())}"),
            ft.Text(mine_words(row) or "Nothing of it is yours."),
            ReserveForm(session, row),
            *([QuotaForm(session, row)] if policy.name == "escrow" else []),
            heading("Who has what", level=2),
            Reservations(session, item),
            heading("How it may be reserved", level=2),
            ft.Text(kept_words(row)),
            quiet(f"{EXPLAINED[policy.name]} Technical name: {policy.name}."),
            ForOwners(session, row),
        ],
        padding=20,
        spacing=12,
        expand=True,
    )


@ft.component
def ReserveForm(session: Session, row: ItemRow) -> ft.Control:  # noqa: N802
    """Draw how many to reserve, and the button."""
    count = use_typing("1")

    async def reserve() -> None:
        await reserve_some(session, row, whole_number(count.text))

    return field_and_button(
        session.model.layout,
        typed_field(count, "How many", session.typing_in),
        ft.FilledButton("Reserve", on_click=session.handler(reserve)),
        width_px=140,
    )


async def reserve_some(
    session: Session, row: ItemRow, count: int, *, task: str | None = None
) -> bool:
    """Reserve pieces and say how sure that is; tells whether it was possible."""

    def reserve(replica: Replica) -> ReservationRow:
        made = replica.reserve(row.id, count, task=task, space=row.space)
        return replica.reservation(made)

    def said(made: ReservationRow) -> str:
        return f"{count} × {row.name}: {reservation_words(made, session.now())}"

    made = await session.act(reserve, said=said)
    if made is not None and row.policy.name == "pessimistic":
        session.core.sync.retry_now()  # it is decided now, or given up
    return made is not None


@ft.component
def QuotaForm(session: Session, row: ItemRow) -> ft.Control:  # noqa: N802
    """Draw what this device may hand out by itself, and how to have more or less of it."""
    count = use_typing("1")

    async def take() -> None:
        pieces = whole_number(count.text)
        await session.act(lambda replica: replica.take_quota(row.id, pieces, space=row.space))

    async def give() -> None:
        pieces = whole_number(count.text)
        await session.act(lambda replica: replica.return_quota(row.id, pieces, space=row.space))

    async def hand_over() -> None:
        pieces = whole_number(count.text)
        device = await choose_device(session, row.space, f"Which device gets {pieces}?")
        if device is not None:
            await session.act(
                lambda replica: replica.move_quota(row.id, pieces, device.id, space=row.space),
                said=f"{pieces} × {row.name} go over to {device.name}.",
            )

    until = ""
    if row.quota and row.lease_ends_at_ms is not None:
        until = f", until {moment_words(row.lease_ends_at_ms, session.now())}"
    return ft.Column(
        [
            apart(ft.Text(f"This device may hand out {row.quota} without a connection{until}.")),
            field_and_button(
                session.model.layout,
                typed_field(count, "Pieces", session.typing_in),
                ft.OutlinedButton("Take as quota", on_click=session.handler(take)),
                width_px=110,
            ),
            ft.Row(
                [
                    ft.TextButton("Give back", on_click=session.handler(give)),
                    ft.TextButton("Hand over…", on_click=session.handler(hand_over)),
                ],
                spacing=4,
            ),
        ],
        spacing=8,
    )


@ft.component
def Reservations(session: Session, item: str) -> ft.Control:  # noqa: N802
    """Draw who has what of an item."""
    rows = use_query(
        session,
        lambda replica: replica.reservations(item=item),
        on=("ledger",),
        given=(item,),
        keep=True,
    )
    if not rows:
        return quiet("Nobody has reserved any.")
    shown = [keyed(ReservationLine, row.id, session, row) for row in rows[: -_SHOWN_MAX - 1 : -1]]
    more = len(rows) - len(shown)
    return ft.Column([*shown, *([quiet(f"and {more} from before")] if more else [])])


@ft.component
def ReservationLine(session: Session, row: ReservationRow) -> ft.Control:  # noqa: N802
    """Draw one reservation, with what may be done about it."""

    async def confirm() -> None:
        await session.act(lambda replica: replica.confirm(row.id))

    async def release() -> None:
        await session.act(lambda replica: replica.release(row.id))

    icon, color = _SURE[row.state]
    buttons: list[ft.Control] = []
    if row.is_mine and row.state in _HELD:
        if not row.is_final and row.state == "confirmed" and row.saga is None:
            buttons.append(ft.FilledTonalButton("Confirm", on_click=session.handler(confirm)))
        buttons.append(ft.TextButton("Give back", on_click=session.handler(release)))
    who = "You" if row.is_mine else row.person
    return ft.Row(
        [
            ft.Icon(icon, color=color, size=20, semantics_label=row.state),
            ft.Column(
                [
                    ft.Text(f"{row.count} × {row.item_name}"),
                    quiet(f"{who} · {reservation_words(row, session.now())}"),
                ],
                spacing=0,
                expand=True,
            ),
            *buttons,
        ],
        spacing=10,
    )
