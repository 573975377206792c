"""Choosing the task or note that a link shall lead to."""

import asyncio
import re
from typing import Any, Final

import flet as ft

from app.ui.asking import answered, show_question
from app.ui.components.field_focus import FieldFocus
from app.ui.components.rows import kind_icon
from app.ui.session import Session
from store.domain.links import ITEM_SCHEME
from store.replica import Replica

_HEIGHT_PX: Final = 300
_FOUND_MAX: Final = 12
_SPECIAL: Final = re.compile(r"([\[\]\\])")

Found = tuple[str, str, str]
"""Id, kind and title of an item."""


def link_to(doc: str, title: str) -> str:
    """Write a link to an item that holds whatever becomes of its title."""
    words = _SPECIAL.sub(r"\\\1", " ".join(title.split()) or "untitled")
    return f"[{words}]({ITEM_SCHEME}{doc})"


async def pick_link(session: Session, *, but: str) -> str | None:
    """Ask which item to link to.

    Args:
        session: the tab.
        but: the item that the link will stand in.

    Returns:
        The link as Markdown; None if the person went away instead.
    """
    answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def give(words: str | None) -> None:
        if not answer.done():
            answer.set_result(words)

    results = ft.ListView(height=_HEIGHT_PX)

    async def look(words: str) -> None:
        found = await session.read(lambda replica: _find(replica, words, but))
        results.controls = [_row(each, give) for each in found or ()] or [
            ft.Text("Nothing has these words.")
        ]

    async def typed(event: Any) -> None:
        await look(event.control.value or "")
        results.update()

    await look("")
    focused = FieldFocus(session.typing_in)
    field = ft.TextField(
        label="Find a task or note",
        autofocus=True,
        dense=True,
        on_change=session.event_handler(typed),
        on_focus=lambda _: focused(True),
        on_blur=lambda _: focused(False),
    )
    dialog = show_question(
        session,
        "Link to",
        ft.Column([field, results], tight=True),
        [ft.TextButton("Cancel", on_click=lambda _: give(None))],
        lambda: give(None),
    )
    words = await answered(session, dialog, answer)
    focused(False)  # a field that goes away tells nothing
    return words


def _row(found: Found, give: Any) -> ft.Control:
    doc, kind, title = found
    icon = kind_icon(kind)
    return ft.ListTile(
        leading=ft.Icon(icon, size=18, semantics_label=kind),
        title=ft.Text(title, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
        dense=True,
        on_click=lambda _: give(link_to(doc, title)),
    )


def _find(replica: Replica, words: str, but: str) -> list[Found]:
    """Find items with these words; without any, what was changed last."""
    space = replica.item(replica.find(but)).space
    if words.strip():
        hits = replica.search(words, space=space, limit=_FOUND_MAX)
        found = [(hit.id, hit.kind, hit.title) for hit in hits]
    else:
        notes = replica.notes(space=space, limit=_FOUND_MAX)
        found = [(row.id, "note", row.title) for row in notes]
    return [each for each in found if each[0] != but]
