"""Sync now, or for as long as it is wanted; and what is known about it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from app import json_shapes
from app.cli.errors import DONE, NEEDS_A_PERSON
from app.cli.parameters import Seconds, command

if TYPE_CHECKING:
    from app.cli.session import Session
    from sync.client.results import SyncResult


@command("sync")
@click.option("--watch", is_flag=True, help="Go on whenever something changes, until Ctrl+C.")
@click.option(
    "--timeout",
    "timeout_s",
    type=Seconds(min=0.1, max=3_600),
    default=10.0,
    show_default=True,
    metavar="S",
    help="Give up after so many seconds without an answer.",
)
def sync(session: Session, watch: bool, timeout_s: float) -> int:
    """Exchange changes with the servers of all spaces, until all is quiet (or one with --space).

    Leaves with status 3 if a server can't be reached (nothing is lost, it is sent next time), and
    with 4 if something needs a person. With --watch the answer comes when it is stopped.
    """
    from app.cli.render.sync import sync_line
    from app.log_file import kept_log

    with kept_log(session.home):
        result = _watch(session, timeout_s) if watch else _once(session, timeout_s)
    session.answer(json_shapes.sync_result(result), lambda: sync_line(result))
    return NEEDS_A_PERSON if result.needs_person else DONE


@command("status")
def status(session: Session) -> None:
    """Say what is known about sync, without asking the network (all spaces, or --space)."""
    row = session.replica.status(session.space)

    def text() -> str:
        from app.cli.render.sync import status_page

        return status_page(row, session.now)

    session.answer(json_shapes.status(row), text)


def _once(session: Session, timeout_s: float) -> SyncResult:
    from app.cli.network import sync_now

    return sync_now(session, timeout_s=timeout_s)


def _watch(session: Session, timeout_s: float) -> SyncResult:
    if session.space is not None:
        raise click.UsageError("--watch is for all spaces; leave --space out.")
    from app.cli.watching import sync_on

    def tell(line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    return sync_on(session.replica, timeout_s=timeout_s, tell=tell)
