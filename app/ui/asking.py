"""Small questions above the screens: a line of text, one of some names, yes or no."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import flet as ft

from app.ui.components.field_focus import FieldFocus
from app.ui.session import Session

_WIDTH_PX = 360

T = TypeVar("T")


async def ask_line(
    session: Session,
    title: str,
    label: str,
    *,
    hint: str = "",
    button: str = "OK",
    names: Sequence[str] = (),
) -> str | None:
    """Ask for a line of text.

    Args:
        session: the tab.
        title: the question.
        label: name of the field.
        hint: shown while it is empty.
        button: what confirms.
        names: likely answers, each a tap away.

    Returns:
        The line; None if the person went away instead.
    """
    answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def give(line: str | None) -> None:
        if not answer.done():
            answer.set_result(line)

    focused = FieldFocus(session.typing_in)
    field = ft.TextField(
        label=label,
        hint_text=hint or None,
        autofocus=True,
        dense=True,
        on_submit=lambda event: give(event.control.value),
        on_focus=lambda _: focused(True),
        on_blur=lambda _: focused(False),
    )
    known: list[ft.Control] = [
        ft.TextButton(name, data=name, on_click=lambda event: give(event.control.data))
        for name in names
    ]
    dialog = show_question(
        session,
        title,
        ft.Column(
            [field, ft.Row(known, wrap=True, spacing=4, run_spacing=0)], tight=True, spacing=12
        ),
        [
            ft.TextButton("Cancel", on_click=lambda _: give(None)),
            ft.FilledButton(button, on_click=lambda _: give(field.value)),
        ],
        lambda: give(None),
    )
    said = await answered(session, dialog, answer)
    focused(False)  # a field that goes away tells nothing
    return said


async def ask_one(session: Session, title: str, options: Sequence[tuple[str, str]]) -> str | None:
    """Ask for one of some things.

    Args:
        session: the tab.
        title: the question.
        options: keys with what they are called.

    Returns:
        The key; None if the person went away instead.
    """
    answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def give(key: str | None) -> None:
        if not answer.done():
            answer.set_result(key)

    known: list[ft.Control] = [
        ft.TextButton(words, data=key, on_click=lambda event: give(event.control.data))
        for key, words in options
    ]
    dialog = show_question(
        session,
        title,
        ft.Column(known, tight=True, spacing=4),
        [ft.TextButton("Cancel", on_click=lambda _: give(None))],
        lambda: give(None),
    )
    return await answered(session, dialog, answer)


async def ask_yes(session: Session, title: str, sentence: str, *, button: str) -> bool:
    """Ask whether to go on; `button` names what would be done."""
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def give(yes: bool) -> None:
        if not answer.done():
            answer.set_result(yes)

    dialog = show_question(
        session,
        title,
        ft.Text(sentence),
        [
            ft.TextButton("Cancel", on_click=lambda _: give(False)),
            ft.FilledButton(button, on_click=lambda _: give(True)),
        ],
        lambda: give(False),
    )
    return await answered(session, dialog, answer)


def show_question(
    session: Session,
    title: str,
    content: ft.Control,
    actions: list[ft.Control],
    go_away: Callable[[], None],
) -> ft.AlertDialog:
    """Show a question above the screens; wait for it with `answered`.

    Args:
        session: the tab.
        title: the question.
        content: what to answer it by.
        actions: its buttons.
        go_away: told that the person went away instead.
    """

    def went(_: Any) -> None:
        go_away()
        session.hearing.went()

    dialog = ft.AlertDialog(
        title=ft.Text(title),
        content=ft.Container(content, width=_WIDTH_PX),
        actions=actions,
        on_dismiss=went,
        scrollable=True,
    )
    session.page.show_dialog(dialog)
    session.hearing.questions.append(go_away)
    return dialog


async def answered(session: Session, dialog: ft.AlertDialog, answer: "asyncio.Future[T]") -> T:
    """Wait for the answer to a question that is shown, then close it."""
    try:
        said = await answer
    finally:
        session.hearing.questions.pop()
    if dialog.open:
        session.hearing.goes()
        dialog.open = False
        dialog.update()
    return said
