"""The address that a server listens at: reading it, and binding it before anything else starts."""

import errno
import ipaddress
import socket
import sys
from dataclasses import dataclass
from typing import Final

from sync.protocol.address import join_address

DEFAULT_LISTEN: Final = "127.0.0.1:8787"
_PORT_MAX: Final = 65_535
_ALL_INTERFACES: Final = ("0.0.0.0", "::")
_SOMEWHERE: Final = ("192.0.2.1", 9)  # of the block that is for documentation only
USAGE: Final = 2  # exit status of a command line that can't work
REFUSED: Final = 1  # exit status of one that could, but not here and now


class CannotServe(Exception):
    """The server can't start.

    Attributes:
        type: stable slug for programs (`--json`).
        title: a few words for people.
        exit_status: as the command line's contract says.
    """

    def __init__(self, type_: str, title: str, detail: str, *, exit_status: int = REFUSED) -> None:
        """Say in one sentence what is wrong and what to do."""
        super().__init__(detail)
        self.type = type_
        self.title = title
        self.detail = detail
        self.exit_status = exit_status


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen. Port 0 = any free one. `pin`: of the certificate, where there is TLS."""

    host: str
    port: int
    pin: str | None = None

    @property
    def url(self) -> str:
        """The address as a client writes it: for all interfaces, one that others can reach."""
        host = reachable_host(self.host)
        host = f"[{host}]" if ":" in host else host
        scheme = "http" if self.pin is None else "https"
        return join_address(f"{scheme}://{host}:{self.port}", self.pin)


def reachable_host(host: str) -> str:
    """Name the address by which others in the network reach a socket that listens at `host`."""
    if host not in _ALL_INTERFACES:
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_SOMEWHERE)  # sends nothing; only asks which interface would
        except OSError:  # no network at all
            return socket.gethostname()
        found: str = probe.getsockname()[0]
        return found


def read_address(text: str, *, tls: bool = False) -> Address:
    """Read `HOST:PORT`, `[V6]:PORT` or a port alone.

    Raises:
        CannotServe: it is none of these, or leads off this computer without TLS.
    """
    host, _, port_text = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not (port_text.isascii() and port_text.isdigit() and int(port_text[:6]) <= _PORT_MAX):
        raise CannotServe(
            "listen",
            "No address to listen at",
            f"{text!r} is not an address to listen at; give HOST:PORT, like {DEFAULT_LISTEN}.",
            exit_status=USAGE,
        )
    if host == "localhost":
        host = "127.0.0.1"
    if not tls and not _is_loopback(host):
        raise CannotServe(
            "not-loopback",
            "Not without encryption",
            f"{host} can be reached from other computers, and without encryption everybody in the "
            "network would read along; add --tls, or listen at 127.0.0.1.",
            exit_status=USAGE,
        )
    return Address(host, int(port_text))


def bind(address: Address) -> socket.socket:
    """Take the address for good; the port of the socket is the real one. Callers wait in its queue.

    Raises:
        CannotServe: somebody else has it, or it may not be taken.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only on sockets that say TCP; else an answer takes 44 ms.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two programs share the port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address.host, address.port))
        sock.listen()  # else another program that is about to listen could have bound it too
    except OSError as failure:
        sock.close()
        raise _not_bound(address, failure) from failure
    return sock


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, which may lead anywhere
        return False


def _not_bound(address: Address, failure: OSError) -> CannotServe:
    where = f"{address.host}:{address.port}"
    if failure.errno == errno.EADDRINUSE:
        detail = f"{where} is in use; stop the program there, or choose another with --listen."
    else:
        why = failure.strerror or "refused by the system"
        detail = f"{where} can't be listened at ({why}); choose another with --listen."
    return CannotServe("listen", "The address can't be used", detail)
