"""Changes as a file, for a stick: `cairn bundle out`, `cairn bundle in`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.errors import DONE, NEEDS_A_PERSON
from app.cli.parameters import CairnGroup, command
from app.cli.progress import Progress
from app.cli.render.words import counted, on_one_line

if TYPE_CHECKING:
    from app.cli.session import Session
    from sync.client.bundling import TakenBundle

bundle = CairnGroup("bundle", help="Carry a space's changes by file: write them out, take them in.")


@command("out")
@click.argument("file", type=click.Path(path_type=Path))
def out(session: Session, file: Path) -> None:
    """Write all changes of a space (the current one, or --space) to a file.

    A bundle that is there is replaced. What is in it can be read by whoever has the file.
    """
    from store.clocks import system_now_ms
    from sync.client.bundling import write_bundle

    with Progress("Writing") as progress:
        written = write_bundle(
            session.replica,
            file,
            space=session.space,
            now_ms=system_now_ms(),
            progress=progress,
        )
    value = {
        "changes": written.changes,
        "space": written.space,
        "file": str(file),
        "bytes": written.bytes,
    }
    told = counted(written.changes, "change")
    session.answer(value, f"Wrote {told} of {on_one_line(written.space)} to {file}.")


@command("in")
@click.argument("file", type=click.Path(path_type=Path))
def in_(session: Session, file: Path) -> int:
    """Take in the changes of a bundle; doing it again changes nothing.

    A space that isn't on this device is added, and becomes the current one. Leaves with status 4 if
    something needs a person.
    """
    if session.space is not None:
        raise click.UsageError("A bundle names its space itself; leave --space out.")
    from store.clocks import system_now_ms
    from sync.client.bundling import take_bundle

    with Progress("Taking in") as progress:
        taken = take_bundle(session.replica, file, now_ms=system_now_ms, progress=progress)
    value = {
        "changes": taken.changes,
        "known": taken.known,
        "waiting": taken.waiting,
        "refused": taken.refused,
        "conflicts": taken.conflicts,
        "space": taken.space,
        "new_space": taken.is_new,
    }
    session.answer(value, lambda: _account(taken))
    return NEEDS_A_PERSON if taken.needs_person else DONE


for each in (out, in_):
    bundle.add_command(each)


def _account(taken: TakenBundle) -> str:
    space = on_one_line(taken.space)
    news = f"{counted(taken.changes, 'new change')} of {space} from {on_one_line(taken.person)}"
    lines = [f"{news} on {on_one_line(taken.device)}."]
    if taken.is_new:
        lines.append(f"{space} is a space of this device now, and the current one.")
    if taken.waiting:
        lines.append(f"… {counted(taken.waiting, 'change')} wait for what they follow.")
    if taken.refused:
        lines.append(f"! {counted(taken.refused, 'change')} not sound, kept apart: cairn doctor")
    if taken.conflicts:
        lines.append(f"⚑ {counted(taken.conflicts, 'conflict')} to settle: cairn conflicts")
    return "\n".join(lines)
