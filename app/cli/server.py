"""The server's command. It loads neither Automerge nor the app, so that it is ready at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from app.cli.parameters import command
from app.locations import server_folder
from sync.server.listening import DEFAULT_LISTEN

if TYPE_CHECKING:
    from app.cli.session import Session
    from store.domain.membership import Role


@command("serve")
@click.option(
    "--listen",
    default=DEFAULT_LISTEN,
    show_default=True,
    envvar="CAIRN_LISTEN",
    show_envvar=True,
    metavar="HOST:PORT",
    help="The address to listen at; port 0 is any free one.",
)
@click.option(
    "--data",
    envvar="CAIRN_DATA",
    show_envvar=True,
    metavar="DIR",
    help="The server's folder; by default `server` in the home.",
)
@click.option(
    "--tls",
    is_flag=True,
    envvar="CAIRN_TLS",
    show_envvar=True,
    help="Encrypt; needed for any address but this computer's own. The certificate is made at the "
    "first start and kept in the server's folder; invites carry its fingerprint.",
)
@click.option(
    "--peer",
    is_flag=True,
    help="No server: share this home with devices nearby, encrypted, at every address of this "
    "computer unless --listen says which.",
)
@click.option(
    "--role",
    type=click.Choice(["owner", "editor", "viewer"]),
    default="editor",
    show_default=True,
    help="With --peer: what a device may do that joins by the code.",
)
@click.option(
    "--quiet-network", is_flag=True, help="With --peer: don't announce this device in the network."
)
@click.pass_context
def serve(
    context: click.Context,
    session: Session,
    listen: str,
    data: str | None,
    tls: bool,
    peer: bool,
    role: Role,
    quiet_network: bool,
) -> int:
    """Run a server that devices sync with, or share this home (--peer); Ctrl+C stops it.

    One line on standard output says that it is ready: its address, with the fingerprint of its
    certificate if it has one, and the setup code until the first space exists. What no option says
    is read from the environment. Standard error gets a line per request, without secrets; GET
    /healthz says whether the database takes writes; SIGTERM ends it gracefully. docs/server.md says
    more, docs/limits.md what is bounded.
    """
    if peer:
        if data is not None or tls:
            raise click.UsageError("--peer shares the home, always with TLS: leave out the others.")
        from sync.peer.process import Wanted, serve_home

        is_named = context.get_parameter_source("listen") is not ParameterSource.DEFAULT
        wanted = Wanted(
            listen if is_named else None, session.space, role, not quiet_network, session.as_json
        )
        return serve_home(session.replica, wanted)
    from sync.server.process import serve as serve_spaces

    return serve_spaces(
        listen, server_folder(data, session.home), json_ready=session.as_json, tls=tls
    )
