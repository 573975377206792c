"""What the server refused or took back of supplies and money: what it was, why, what was given."""

import flet as ft

from app.local_time import moment_words
from app.supply_words import notice_words
from app.ui.components.controls import quiet
from app.ui.session import Session
from app.ui.use_query import use_query
from store.replica import Replica
from store.supply_rows import NoticeRow


def told_words(row: NoticeRow) -> tuple[str, str, str]:
    """What a row of the list says of it: what it is about, what became of it, why."""
    became = "The server refused it" if row.kind == "refused" else row.text
    return row.title, became, row.reason


@ft.component
def ToldDetail(session: Session, notice: str) -> ft.Control:  # noqa: N802
    """Draw the page of one, and the way to say that one knows it."""

    def look(replica: Replica) -> NoticeRow | None:
        return next((each for each in replica.notices(with_seen=True) if each.id == notice), None)

    row = use_query(session, look, on=("ledger",), given=(notice,), keep=True)
    if row is None:
        return ft.Container()
    task = row.task

    async def seen() -> None:
        await session.act(lambda replica: replica.note_seen(notice))
        session.model.place.conflict = None

    async def open_task() -> None:
        if task is not None:
            session.model.place.open_item(task)

    buttons: list[ft.Control] = [ft.FilledButton("I know", on_click=session.handler(seen))]
    if task is not None:
        buttons.append(ft.OutlinedButton("The task", on_click=session.handler(open_task)))
    return ft.ListView(
        [
            ft.Text(row.text, theme_style=ft.TextThemeStyle.TITLE_LARGE),
            *(ft.Text(line) for line in notice_words(row)),
            quiet(f"{row.space} · {moment_words(row.at_ms, session.now())}"),
            ft.Row(buttons, spacing=10, wrap=True),
        ],
        padding=20,
        spacing=12,
        expand=True,
    )
