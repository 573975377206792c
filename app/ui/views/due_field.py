"""When a task is due: typed in words, or picked from a calendar."""

from datetime import date, datetime, timedelta
from typing import Any

import flet as ft

from app.ui.components.controls import keyed
from app.ui.components.saved_field import SavedField
from app.ui.grouping import local_day
from app.ui.session import Session
from app.ui.views.item_fields import KEPT_BOTH, field_saver
from app.ui.words import due_typed
from store.commands.patches import Patch
from store.domain.due_date import parse_due
from store.domain.ids import DocId
from store.rows import TaskRow

_YEARS = 10


def due_field(session: Session, row: TaskRow) -> ft.Control:
    """Draw the field, and beside it a menu of days."""

    def read(text: str) -> str | None:
        return parse_due(text, now=session.now()) if text.strip() else None

    def shown(due: str | None) -> str:
        return due_typed(due, session.now())

    field = keyed(
        SavedField,
        "due",
        "Due",
        shown(row.due),
        field_saver(session, DocId(row.id), "due", read=read, shown=shown),
        session,
        meanwhile=KEPT_BOTH,
        hint="tomorrow 9am, friday, 2026-12-24",
        expand=True,
        read_only=row.trashed,
    )
    return ft.Row([field, *([] if row.trashed else [_menu(session, row)])], spacing=2, expand=True)


def on_day(due: str | None, day: date, now: datetime) -> str:
    """Give what is due on another day; its time of day stays, if it has one.

    Args:
        due: as stored; None for what has none.
        day: the day, here.
        now: aware, in the person's time zone.
    """
    if due is None or "T" not in due:
        return day.isoformat()
    local = datetime.fromisoformat(due).astimezone(now.tzinfo)
    return str(parse_due(f"{day.isoformat()} {local:%H:%M}", now=now))


def picked_day(value: datetime | date, now: datetime) -> date:
    """Read the day that a calendar gives: it says midnight here, as a moment."""
    if isinstance(value, datetime):
        return value.astimezone(now.tzinfo).date() if value.tzinfo else value.date()
    return value


def _menu(session: Session, row: TaskRow) -> ft.Control:
    today = session.now().date()

    async def save(due: str | None) -> None:
        patch = Patch(fields={"due": due})
        await session.act(lambda replica: replica.edit(DocId(row.id), patch))

    def giving(day: date | None) -> Any:
        async def give() -> None:
            await save(None if day is None else on_day(row.due, day, session.now()))

        return session.handler(give)

    async def picked(event: Any) -> None:
        if event.control.value is not None:
            now = session.now()
            await save(on_day(row.due, picked_day(event.control.value, now), now))

    async def pick() -> None:
        session.page.show_dialog(
            ft.DatePicker(
                value=(local_day(row.due, session.now()) if row.due else None) or today,
                first_date=today - timedelta(days=365),
                last_date=today + timedelta(days=365 * _YEARS),
                help_text="Due",
                on_change=session.event_handler(picked),
            )
        )

    monday = today + timedelta(days=7 - today.weekday())
    items = [
        ft.PopupMenuItem(content="Today", on_click=giving(today)),
        ft.PopupMenuItem(content="Tomorrow", on_click=giving(today + timedelta(days=1))),
        ft.PopupMenuItem(content="Next week", on_click=giving(monday)),
        ft.PopupMenuItem(content="Pick a day…", on_click=session.handler(pick)),
    ]
    if row.due is not None:
        items.append(ft.PopupMenuItem(content="No date", on_click=giving(None)))
    return ft.MergeSemantics(
        ft.PopupMenuButton(icon=ft.Icons.CALENDAR_MONTH, tooltip="Choose a day", items=items)
    )
