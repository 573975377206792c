"""`cairn backup`: a verified copy of the home, and of a server's data in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.parameters import command
from app.cli.render.words import counted
from app.locations import server_folder

if TYPE_CHECKING:
    from app.cli.session import Session


@command("backup")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--data",
    envvar="CAIRN_DATA",
    show_envvar=True,
    metavar="DIR",
    help="The server's folder; by default `server` in the home.",
)
def backup(session: Session, folder: Path, data: str | None) -> None:
    """Copy the home, and a server's data in it, to a new folder, and check the copy.

    Both may be in use meanwhile. To go back, put the copy in the home's place: the next sync finds
    out that it is an older one, and loses nothing.
    """
    from store.doctor.backup import SERVER_DATABASE, back_up
    from store.domain.errors import Refused

    target, server = folder.absolute(), server_folder(data, session.home)
    if data and not (server / SERVER_DATABASE).exists():
        # Named, so wanted: a copy without it would be taken for a whole one.
        raise Refused(f"There is no server data in {server}; check --data (or CAIRN_DATA).")
    files = back_up(session.home, server, target)
    value = {
        "dir": str(target),
        "files": [{"file": each.file, "bytes": each.bytes} for each in files],
        "checks": [
            {"name": check.name, "ok": check.ok, "detail": check.detail}
            for each in files
            for check in each.checks
        ],
    }
    size = sum(each.bytes for each in files) / (1 << 20)
    session.answer(
        value, f"Backed up and checked: {counted(len(files), 'file')}, {size:.1f} MB, in {target}."
    )
