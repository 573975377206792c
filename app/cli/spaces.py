"""Spaces: which there are, making one on a server, publishing a local one, choosing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app import json_shapes
from app.cli.parameters import CairnGroup, command
from app.cli.render.words import on_one_line
from sync.protocol.address import shown_address

if TYPE_CHECKING:
    from app.cli.session import Session
    from store.rows import SpaceRow


@command("spaces")
def spaces(session: Session) -> None:
    """List the spaces of this home; new items go to the one with the arrow."""
    rows = session.replica.spaces()

    def text() -> str:
        from app.cli.render.sync import space_list

        return space_list(rows)

    session.answer([json_shapes.space(row) for row in rows], text)


space = CairnGroup("space", help="Make a space on a server, publish a local one, choose one.")


@command("create")
@click.argument("name")
@click.option("--server", metavar="URL", help="The server's address; without, on this device.")
@click.option(
    "--setup-code", metavar="C", help="The code of the server's ready line (first space)."
)
def create(session: Session, name: str, server: str | None, setup_code: str | None) -> None:
    """Make a new space on a server, or on this device; it becomes the current one.

    One without a server can be shared with devices nearby (cairn serve --peer), or published later.
    """
    from app.cli.network import ask_members

    if server is None and setup_code is not None:
        raise click.UsageError("A setup code is for a server; name it with --server.")
    made = ask_members(
        session,
        lambda members: (
            members.create_local(name)
            if server is None
            else members.create_space(name, server, setup_code)
        ),
    )
    _answer(session, made, "Made")


@command("publish")
@click.argument("name")
@click.option("--server", required=True, metavar="URL", help="The server's address.")
@click.option(
    "--setup-code", metavar="C", help="The code of the server's ready line (first space)."
)
def publish(session: Session, name: str, server: str, setup_code: str | None) -> None:
    """Put a local space on a server, with all that is in it; it becomes the current one."""
    from app.cli.network import ask_members

    published = ask_members(session, lambda members: members.publish(name, server, setup_code))
    _answer(session, published, "Published")


@command("use")
@click.argument("name")
def use(session: Session, name: str) -> None:
    """Choose the space that new items go to."""
    session.replica.use_space(name)
    _answer(session, session.replica.space(None), "Now using")


for each in (create, publish, use):
    space.add_command(each)


def _answer(session: Session, row: SpaceRow, said: str) -> None:
    where = f" on {shown_address(row.url)}" if row.url else ""
    session.answer(json_shapes.space(row), f"{said} {on_one_line(row.name)}{where}.")
