"""The server's command. It loads neither Automerge nor the app, so that it is ready at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.parameters import command
from app.locations import server_folder

if TYPE_CHECKING:
    from app.cli.session import Session

LISTEN_DEFAULT = "127.0.0.1:8100"


class Address(click.ParamType["tuple[str, int]"]):
    """`HOST:PORT`, with an IPv6 address in brackets; port 0 means any free one."""

    name = "address"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Read an address; a usage error says what one looks like."""
        if isinstance(value, tuple):
            return value
        host, separator, port = str(value).rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not separator or not host or not port.isascii() or not port.isdigit():
            self.fail(
                f"{str(value)!r} is no address; write HOST:PORT, like 127.0.0.1:8100.", param, ctx
            )
        if int(port) > 65_535:
            self.fail(f"{port} is no port; ports go up to 65535.", param, ctx)
        return host, int(port)


@command("serve")
@click.option(
    "--listen", type=Address(), default=LISTEN_DEFAULT, show_default=True, metavar="HOST:PORT"
)
@click.option("--data", metavar="DIR", help="The server's folder; by default `server` in the home.")
def serve(session: Session, listen: tuple[str, int], data: str | None) -> int | None:
    """Run a server that devices sync with; Ctrl+C stops it.

    One line on standard output says that it is ready, with the setup code until the first space
    exists.
    """
    from sync.server.process import serve as run_server

    host, port = listen
    folder = server_folder(data, session.home)
    return run_server(host=host, port=port, data=folder, as_json=session.as_json)
