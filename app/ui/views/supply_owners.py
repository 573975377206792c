"""What owners do about an item in stock: lost devices, what was oversold, and the apology."""

from typing import Final

import flet as ft

from app.supply_words import sum_words
from app.ui.asking import ask_yes
from app.ui.components.choice import choice_line, use_choice
from app.ui.components.controls import apart, heading, keyed, quiet
from app.ui.components.typed_field import typed_field, use_typing, wide_field
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.views.device_choice import choose_device
from store.domain.ledger.facts import Apology
from store.domain.ledger.money import shown_amount
from store.replica import Replica
from store.supply_rows import BudgetRow, ItemRow

_NO_CREDIT: Final = ""
_FIELD_WIDTH_PX: Final = 460


@ft.component
def ForOwners(session: Session, row: ItemRow) -> ft.Control:  # noqa: N802
    """Draw it where this home is an owner's; what is rarely needed opens by a tap."""
    is_owner = use_query(
        session,
        lambda replica: replica.space(row.space).role in (None, "owner"),
        on=("spaces",),
        given=(row.space,),
        keep=True,
    )
    opened, set_opened = ft.use_state(False)
    if not is_owner:
        return ft.Container()

    async def toggle() -> None:
        set_opened(not opened)

    words = "Hide what owners may do" if opened else "What owners may do"
    parts: list[ft.Control] = [
        ft.Row([ft.TextButton(words, on_click=session.handler(toggle))]),
    ]
    if opened and row.policy.name == "escrow":
        parts.append(WriteOff(session, row))
    if opened and row.policy.name == "oversell":
        parts.append(Settle(session, row))
    if opened:
        parts.append(Apologies(session, row.space))
    return ft.Column(parts, spacing=10)


@ft.component
def WriteOff(session: Session, row: ItemRow) -> ft.Control:  # noqa: N802
    """Draw how a lost device's quota is taken back before its time."""

    async def write_off() -> None:
        device = await choose_device(session, row.space, "Whose quota is taken back?")
        if device is None:
            return
        sure = await ask_yes(
            session,
            f"Take back the quota of {device.name}?",
            "What it gave out meanwhile without a connection may have to be cancelled, and people "
            "are told so.",
            button="Take it back",
        )
        if sure:
            await session.act(lambda replica: replica.write_off(row.id, device.id, space=row.space))

    button = ft.OutlinedButton("A lost device…", on_click=session.handler(write_off))
    return ft.Row([button])


@ft.component
def Settle(session: Session, row: ItemRow) -> ft.Control:  # noqa: N802
    """Draw how what was oversold is cancelled now, instead of some time later."""

    async def settle() -> None:
        sure = await ask_yes(
            session,
            f"Cancel now what {row.name} was oversold by?",
            "The latest reservations above the count are cancelled, and people are told why.",
            button="Cancel them",
        )
        if sure:
            await session.act(lambda replica: replica.settle(row.id, space=row.space))

    button = ft.OutlinedButton("Oversold…", on_click=session.handler(settle))
    return ft.Row([button])


@ft.component
def Apologies(session: Session, space: str) -> ft.Control:  # noqa: N802
    """Draw how the apology of a space is worded, once it is known what it is now."""

    def look(replica: Replica) -> tuple[Apology, list[BudgetRow]]:
        return replica.apology(space), replica.budgets(space)

    found = use_query(session, look, on=("ledger", "spaces"), given=(space,), keep=True)
    if found is None:
        return ft.Container()
    now, budgets = found
    return keyed(ApologyForm, f"{now}", session, space, now, tuple(budgets))


@ft.component
def ApologyForm(  # noqa: N802
    session: Session, space: str, now: Apology, budgets: tuple[BudgetRow, ...]
) -> ft.Control:
    """Draw the words, and what people get with them.

    Args:
        session: the tab.
        space: name of the space.
        now: what is told now.
        budgets: those that may pay.
    """
    payer = next((one for one in budgets if one.id == now.budget), None)
    words = use_typing(now.text)
    amount = use_typing(shown_amount(now.amount, payer.currency) if payer else "")
    budget = use_choice(payer.id if payer else _NO_CREDIT)

    async def keep() -> None:
        given = amount.text.strip()
        await session.act(
            lambda replica: replica.set_apology(
                words.text.strip(), budget=budget.value or None, amount=given or None, space=space
            )
        )

    focus = session.typing_in
    options = [(_NO_CREDIT, "no credit"), *((one.id, one.name) for one in budgets)]
    credit: list[ft.Control] = []
    if budgets:
        hint = "5.00"
        credit = [
            choice_line(budget, "Credit paid by", options),
            ft.Container(typed_field(amount, "Credit for each", focus, hint=hint), width=180),
        ]
    said = "Nothing is told yet but the reason."
    if now.text:
        gives = f", with {sum_words(now.amount, payer.currency)}" if payer else ""
        said = f"Now: “{now.text}”{gives}."
    return ft.Column(
        [
            heading("Where something has to be taken back", level=2),
            apart(quiet(f"What people of {space} are told with the reason. {said}")),
            ft.Container(
                wide_field(words, "Words of the apology", focus, hint="Sorry, the shop lied."),
                width=_FIELD_WIDTH_PX,
            ),
            *credit,
            ft.Row(
                [
                    ft.FilledTonalButton(
                        "Keep the apology",
                        disabled=not words.text.strip(),
                        on_click=session.handler(keep),
                    )
                ]
            ),
        ],
        spacing=10,
    )
