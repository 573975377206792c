"""Paths of this computer, as a person types or chooses them."""

from pathlib import Path

import flet as ft

from app.ui.components.controls import icon_button
from app.ui.components.typed_field import Typing, wide_field
from app.ui.session import Session


def path_field(session: Session, typed: Typing, label: str, *, files: bool = False) -> ft.Control:
    """Draw a field for a folder; in a window, with the system's own way to choose one.

    A page in a browser learns no paths, so there one types.

    Args:
        session: the tab.
        typed: its text.
        label: its name.
        files: whether a file may be chosen too.
    """

    async def choose_folder() -> None:
        chosen = await ft.FilePicker().get_directory_path()
        if chosen:
            typed.put(chosen)

    async def choose_file() -> None:
        chosen = await ft.FilePicker().pick_files()
        if chosen and chosen[0].path:
            typed.put(chosen[0].path)

    buttons: list[ft.Control] = []
    if not session.page.web:
        handler = session.handler
        buttons.append(
            icon_button(ft.Icons.FOLDER_OPEN, f"{label}: choose a folder", handler(choose_folder))
        )
        if files:
            buttons.append(
                icon_button(ft.Icons.FILE_OPEN, f"{label}: choose a file", handler(choose_file))
            )
    field = wide_field(typed, label, session.typing_in)
    return ft.Row([ft.Container(field, expand=True), *buttons], spacing=4)


def path_typed(text: str) -> Path:
    """Read a path: `~` is the person's own folder; quotes that a file manager put around it go.

    Args:
        text: not empty.
    """
    plain = text.strip()
    if len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "'\"":
        plain = plain[1:-1]
    return Path(plain).expanduser().absolute()
