"""Sync now, or for as long as it is wanted; and what is known about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app import json_shapes
from app.cli.errors import DONE, NEEDS_A_PERSON
from app.cli.parameters import command

if TYPE_CHECKING:
    from app.cli.session import Session


@command("sync")
@click.option("--watch", is_flag=True, help="Go on for ever: when something changes here or there.")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0.1, max=3_600),
    default=10.0,
    show_default=True,
    metavar="S",
    help="Give up after so many seconds without an answer.",
)
def sync(session: Session, watch: bool, timeout_s: float) -> int:
    """Exchange changes with the servers of all spaces, or of one with --space, until all is quiet.

    Leaves with status 3 if a server can't be reached (nothing is lost, it is sent next time), and
    with 4 if something needs a person.
    """
    from app.cli.network import sync_now
    from app.cli.render.sync import sync_line

    result = sync_now(session, timeout_s=timeout_s)
    session.answer(json_shapes.sync_result(result), lambda: sync_line(result))
    return NEEDS_A_PERSON if result.needs_person else DONE


@command("status")
def status(session: Session) -> None:
    """Say what is known about sync, without asking the network."""
    row = session.replica.status()

    def text() -> str:
        from app.cli.render.sync import status_page

        return status_page(row, session.now)

    session.answer(json_shapes.status(row), text)
