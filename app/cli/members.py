"""Who shares a space: inviting, joining, the devices, what they may do, shutting one out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app import json_shapes
from app.cli.duration import Span
from app.cli.parameters import Seconds, WholeNumber, command
from app.cli.render.words import by_whom, on_one_line

if TYPE_CHECKING:
    from app.cli.session import Session
    from store.domain.membership import Role

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
@click.argument("link", metavar="LINK|CODE")
@click.option(
    "--at",
    metavar="ADDRESS",
    help="With a code: the address of the device that shows it, where it can't be found.",
)
def join(session: Session, link: str, at: str | None) -> None:
    """Join the space that an invite link or a code is for; it becomes the current one.

    A code is shown by a device nearby (cairn serve --peer, cairn pair, or its app); that device is
    looked for in the local network.
    """
    from app.cli.network import ask_members
    from sync.peer.joining import join_given

    joined = ask_members(session, lambda members: join_given(members, link, at))
    session.answer(
        json_shapes.space(joined),
        f"Joined {on_one_line(joined.name)} as {joined.role}. cairn sync fetches what is in it.",
    )


@command("devices")
def devices(session: Session) -> None:
    """List the devices of the space (the current one, or --space).

    As its server knows them; without a server, as the signed list has them.
    """
    from app.cli.network import ask_members

    rows = ask_members(session, lambda members: members.devices(session.space))

    def text() -> str:
        from app.cli.render.sync import device_list

        return device_list(rows, session.replica.identity.replica_id, session.now)

    session.answer([json_shapes.device(row) for row in rows], text)


@command("revoke")
@click.argument("device", metavar="DEVICE")
def revoke(session: Session, device: str) -> None:
    """Shut a device out of the space, by its id or its name; what it wrote stays."""
    from app.cli.network import ask_members

    revoked = ask_members(session, lambda members: members.revoke(device, session.space))
    session.answer(
        json_shapes.device(revoked),
        f"{by_whom(revoked.person, revoked.device)} is shut out.",
    )


@command("role")
@click.argument("device", metavar="DEVICE")
@click.argument("role", type=ROLES)
def role(session: Session, device: str, role: Role) -> None:
    """Say what a device may do in the space, by its id or its name; what it wrote stays.

    Owners let others in and say what they may do; editors write; viewers only read.
    """
    from app.cli.network import ask_members

    changed = ask_members(session, lambda members: members.change_role(device, role, session.space))
    session.answer(
        json_shapes.device(changed),
        f"{by_whom(changed.person, changed.device)} is {_with_article(changed.role)} now.",
    )


def _with_article(role: str) -> str:
    return f"{'a' if role == 'viewer' else 'an'} {role}"


@command("pair")
@click.option("--role", type=ROLES, default="editor", show_default=True, help="What it may do.")
def pair(session: Session, role: Role) -> None:
    """Show a code that lets one device nearby join the space (the current one, or --space).

    While this home is shared: by cairn serve --peer, or the switch in its app. The code is good for
    ten minutes and one device.
    """
    from sync.peer.host import code_of_served

    shown, url = code_of_served(session.replica, session.space, role=role)
    value = {
        "code": shown.code,
        "url": url,
        "space": session.replica.space(session.space).name,
        "expires_at": json_shapes.moment(shown.expires_at_ms),
    }
    session.answer(value, f"{shown.code} - within ten minutes: cairn join {shown.code}")


@command("peers")
@click.option(
    "--timeout",
    "timeout_s",
    type=Seconds(min=0.1, max=60),
    default=3.0,
    show_default=True,
    metavar="S",
    help="How long to look.",
)
def peers(session: Session, timeout_s: float) -> None:
    """Look for devices nearby that share spaces; cairn status lists those that are known."""
    from app.cli.network import devices_nearby

    rows = devices_nearby(session, timeout_s=timeout_s)

    def text() -> str:
        from app.cli.render.sync import nearby_list

        return nearby_list(rows)

    session.answer(
        [{"device": row.device, "url": row.url, "spaces": list(row.spaces)} for row in rows], text
    )
