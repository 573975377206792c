"""What is on this device: its size, a verified copy of it, and a way out with everything."""

import contextlib
from pathlib import Path
from typing import Any, Final, cast, get_args

import flet as ft

from app.locations import server_folder
from app.ui.busy import use_busy
from app.ui.components.chips import choices
from app.ui.components.controls import explained
from app.ui.components.typed_field import use_typing
from app.ui.session import Session
from app.ui.settings.paths import path_field, path_typed
from app.ui.use_query import use_query
from app.ui.words import counted
from store.doctor.backup import back_up
from store.interchange import ExportFormat, export
from store.replica import Replica

_FORMATS: Final[tuple[ExportFormat, ...]] = get_args(ExportFormat)
_FORMAT_WORDS: Final = {
    "markdown": "Markdown",
    "json": "JSON",
    "ics": "Calendar (tasks)",
    "automerge": "Automerge",
}


@ft.component
def Storage(session: Session) -> ft.Control:  # noqa: N802
    """Draw the section."""
    size = use_query(session, lambda replica: home_bytes(replica.home), on=("items",), keep=True)
    home = session.core.replica.home
    return ft.Column(
        [
            ft.Text(f"{home}: {(size or 0) / 1_000_000:.1f} MB"),
            Backup(session),
            Export(session),
        ],
        spacing=16,
    )


def home_bytes(home: Path) -> int:
    """How much a home takes on the disk; SQLite's own files may go while they are counted."""
    size = 0
    for each in home.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            size += each.stat().st_size if each.is_file() else 0
    return size


@ft.component
def Backup(session: Session) -> ft.Control:  # noqa: N802
    """Draw the field for the folder of a backup."""
    day = session.now().date().isoformat()
    folder = use_typing(str(Path.home() / f"Cairn backup {day}"))
    busy = use_busy(session)

    async def copy() -> None:
        target = path_typed(folder.text)

        def do(replica: Replica) -> str:
            session.core.drafts.flush()
            files = back_up(replica.home, server_folder(None, replica.home), target)
            mb = sum(each.bytes for each in files) / 1_000_000
            return f"Backed up and checked: {counted(len(files), 'file')}, {mb:.1f} MB."

        said = await session.read(do)
        if said is not None:
            session.say(said)

    return ft.Column(
        [
            path_field(session, folder, "Folder for a backup"),
            explained(
                "A copy of everything here, examined before it counts. The folder must be new."
            ),
            ft.FilledTonalButton(
                "Back up", disabled=busy.now or not folder.text.strip(), on_click=busy.handler(copy)
            ),
        ],
        spacing=8,
    )


@ft.component
def Export(session: Session) -> ft.Control:  # noqa: N802
    """Draw the field for the folder of an export."""
    folder = use_typing(str(Path.home() / "Cairn export"))
    format_name, set_format = ft.use_state("markdown")
    busy = use_busy(session)

    async def choose(event: Any) -> None:
        set_format(event.control.data)

    async def write() -> None:
        target, chosen = path_typed(folder.text), cast(ExportFormat, format_name)

        def do(replica: Replica) -> int:
            session.core.drafts.flush()
            return export(replica, target, format=chosen, space=None)

        written = await session.read(do)
        if written is not None:
            session.say(f"Wrote {counted(written, 'item')} to {target}.")

    return ft.Column(
        [
            path_field(session, folder, "Folder for an export"),
            choices(
                [(each, _FORMAT_WORDS[each], "") for each in _FORMATS],
                format_name,
                session.event_handler(choose),
                name="Format of the export",
            ),
            ft.FilledTonalButton(
                "Export", disabled=busy.now or not folder.text.strip(), on_click=busy.handler(write)
            ),
        ],
        spacing=8,
    )
