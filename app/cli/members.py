"""Who shares a space: inviting, joining, the devices, shutting one out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app import json_shapes
from app.cli.duration import Span
from app.cli.parameters import WholeNumber, command
from app.cli.render.words import on_one_line

if TYPE_CHECKING:
    from app.cli.session import Session
    from sync.protocol.messages import Role

USES_MAX = 100  # as the protocol has it; its module is loaded only when it is needed
ROLES = click.Choice(["owner", "editor", "viewer"])


@command("invite")
@click.option("--role", type=ROLES, default="editor", show_default=True, help="What they may do.")
@click.option(
    "--expires", "expires_s", type=Span(), default="7d", show_default=True, metavar="SPAN"
)
@click.option(
    "--uses",
    type=WholeNumber(1, USES_MAX),
    default=1,
    show_default=True,
    metavar="N",
    help="How many devices it lets in.",
)
def invite(session: Session, role: Role, expires_s: int, uses: int) -> None:
    """Make a link that lets a device join the space (the current one, or --space).

    Whoever has the link can use it: send it to nobody else.
    """
    from app.cli.network import ask_members

    made = ask_members(
        session,
        lambda members: members.invite(session.space, role=role, expires_in_s=expires_s, uses=uses),
    )
    value = {"link": made.link, "expires_at": json_shapes.moment(made.expires_at_ms)}
    session.answer(value, made.link)


@command("join")
@click.argument("link")
def join(session: Session, link: str) -> None:
    """Join the space that an invite link is for; it becomes the current one."""
    from app.cli.network import ask_members

    joined = ask_members(session, lambda members: members.join(link))
    session.answer(
        json_shapes.space(joined),
        f"Joined {on_one_line(joined.name)} as {joined.role}. cairn sync fetches what is in it.",
    )


@command("devices")
def devices(session: Session) -> None:
    """List the devices of the space (the current one, or --space), as its server knows them."""
    from app.cli.network import ask_members

    rows = ask_members(session, lambda members: members.devices(session.space))

    def text() -> str:
        from app.cli.render.sync import device_list

        return device_list(rows, session.now)

    session.answer([json_shapes.device(row) for row in rows], text)


@command("revoke")
@click.argument("device", metavar="DEVICE")
def revoke(session: Session, device: str) -> None:
    """Shut a device out of the space, by its id or its name; what it wrote stays."""
    from app.cli.network import ask_members

    revoked = ask_members(session, lambda members: members.revoke(device, session.space))
    session.answer(
        json_shapes.device(revoked),
        f"{on_one_line(revoked.device)} of {on_one_line(revoked.person)} is shut out.",
    )
