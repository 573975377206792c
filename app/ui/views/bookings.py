"""Bookings and transfers as checklists: which steps are done, which wait, which were undone."""

from typing import Final

import flet as ft

from app.local_time import moment_words
from app.supply_words import STEP_WORDS, saga_words, step_words
from app.ui.components.controls import empty_state, keyed, quiet, reading
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.views.booking_form import BookingForm
from store.domain.ledger.facts import StepState
from store.supply_rows import SagaRow, StepRow

_SHOWN_MAX: Final = 60
_STEPS: Final[dict[StepState, tuple[ft.IconData, str]]] = {
    "waiting": (ft.Icons.RADIO_BUTTON_UNCHECKED, ft.Colors.OUTLINE),
    "done": (ft.Icons.CHECK_CIRCLE, ft.Colors.PRIMARY),
    "failed": (ft.Icons.CANCEL_OUTLINED, ft.Colors.ERROR),
    "undone": (ft.Icons.UNDO, ft.Colors.TERTIARY),
}


@ft.component
def Bookings(session: Session) -> ft.Control:  # noqa: N802
    """Draw them, newest first."""
    rows = use_query(
        session, lambda replica: replica.bookings(), on=("ledger", "spaces"), keep=True
    )
    if rows is None:
        return ft.Container(expand=True)
    shown = [keyed(BookingCard, row.id, session, row) for row in rows[:_SHOWN_MAX]]
    if not rows:
        shown = [
            empty_state(
                ft.Icons.CHECKLIST,
                "Nothing is booked",
                "A booking reserves several things and pays for them: all, or nothing.",
            )
        ]
    wide = session.model.layout.wide
    parts = [reading(each, wide=wide) for each in (BookingForm(session), *shown)]
    return ft.ListView(parts, padding=16, spacing=12, expand=True)


@ft.component
def BookingCard(session: Session, row: SagaRow) -> ft.Control:  # noqa: N802
    """Draw one as a checklist; what is stuck can be tried again."""

    async def again() -> None:
        await session.act(lambda replica: replica.retry_booking(row.id))

    buttons: list[ft.Control] = []
    if row.state == "stuck":
        buttons = [ft.FilledTonalButton("Try again", on_click=session.handler(again))]
    when = moment_words(row.at_ms, session.now())
    return ft.Container(
        padding=16,
        border_radius=12,
        bgcolor=ft.Colors.SURFACE_CONTAINER,
        content=ft.Column(
            [
                ft.Text(row.name, theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
                quiet(f"{row.person}, {when} · {saga_words(row)}"),
                *(_step(step) for step in row.steps),
                *buttons,
            ],
            spacing=6,
        ),
    )


def _step(step: StepRow) -> ft.Control:
    icon, color = _STEPS[step.state]
    tried = f", tried {step.attempts} times" if step.attempts > 1 else ""
    return ft.Row(
        [
            ft.Icon(icon, color=color, size=18, semantics_label=STEP_WORDS[step.state]),
            ft.Text(step_words(step.name), expand=True),
            quiet(STEP_WORDS[step.state] + tried),
        ],
        spacing=8,
    )
