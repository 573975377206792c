"""Care of the home: who it says you are, whether it is sound, what it amounts to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import json_shapes
from app.cli.errors import DONE, REFUSED
from app.cli.parameters import command
from app.cli.render.words import counted, on_one_line

if TYPE_CHECKING:
    from app.cli.session import Session
    from store.doctor import Check
    from store.replica import Replica


@command("whoami")
@click.option("--name", metavar="N", help="Your name, as others will see it.")
@click.option("--device", metavar="D", help="This device's name, as others will see it.")
def whoami(session: Session, name: str | None, device: str | None) -> None:
    """Show or set your name and this device's."""
    replica = session.replica
    who = replica.identity
    if name is not None or device is not None:
        who = replica.set_identity(person=name, device=device)
    value = json_shapes.identity(who.person, who.device, who.replica_id, session.home)
    session.answer(
        value, f"{on_one_line(who.person)} on {on_one_line(who.device)}, in {session.home}"
    )


@command("digest")
def digest(session: Session) -> None:
    """Show hashes of a space: two replicas that took in the same changes show the same ones.

    `heads` stands for all changes, `view` for what a person sees.
    """
    row = session.replica.digest(session.space)
    session.answer(
        json_shapes.digest(row),
        f"view  {row.view}\nheads {row.heads}\n"
        f"{counted(row.docs, 'item')}, {counted(row.changes, 'change')}",
    )


@command("doctor")
@click.option("--repair", is_flag=True, help="Also put right what can be rebuilt.")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write to FILE what somebody who helps needs; it holds nothing that you wrote.",
)
def doctor(session: Session, repair: bool, bundle: Path | None) -> int:
    """Check the home: database, log, lists against documents, SQLite's version.

    Leaves with status 1 if a check failed. A bundle is a text that you can read before you give it
    away: versions, numbers, the checks, the measures, and the end of the log. No titles, texts,
    names, addresses or keys.
    """
    checks = _repaired(session) if repair else _examined(session)
    is_sound = all(check.ok for check in checks)
    value = {
        "ok": is_sound,
        "checks": [{"name": each.name, "ok": each.ok, "detail": each.detail} for each in checks],
    }
    if bundle is not None:
        from app.support_bundle import gather, write_bundle

        write_bundle(bundle, gather(session.home, checks, _opened(session)))
        value["bundle"] = str(bundle)

    def text() -> str:
        from app.cli.render.past import check_list

        page = check_list(checks)
        return page if bundle is None else f"{page}\nWrote {bundle}; read it before you send it."

    session.answer(value, text)
    return DONE if is_sound else REFUSED


def _opened(session: Session) -> Replica | None:
    from store.errors import HomeCorrupt

    try:
        return session.replica
    except HomeCorrupt:
        return None


def _examined(session: Session) -> tuple[Check, ...]:
    from store.doctor import Check, examine
    from store.errors import HomeCorrupt

    try:
        return examine(session.replica).checks
    except HomeCorrupt as damaged:  # so much that it can't even be opened: a finding, like others
        return (Check("integrity", False, damaged.detail),)


def _repaired(session: Session) -> tuple[Check, ...]:
    from store.doctor import repair, repair_home

    mended = repair_home(session.home)  # needs the home closed
    return (*mended, *repair(session.replica).checks)
