"""Invite links and server addresses: what a person copies from one device to another.

    cairn://join?server=https%3A%2F%2Fhost%3A8100&space=s...&secret=...&name=Hut&ledger=...

The link holds all that joining needs, so whoever holds it can use it until it expires: it is shown
once and never logged. The name is there only to say what is joined before the server was asked.
`ledger` is the public key of the space's authority (DECISIONS D17), so that it is the inviter and
not the network who says whose signature counts; links without one work as they did.
"""

import base64
import binascii
import ipaddress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from store.domain.errors import InvalidValue
from store.domain.ids import SpaceId, parse_space_id
from store.domain.limits import NAME_CHARS_MAX
from sync.protocol.address import join_address, read_pin
from sync.protocol.fields import SECRET_CHARS_MAX, SIGNING_KEY_BYTES

LINK_CHARS_MAX: Final = 4_000  # far above any link we make; a pasted novel is refused at once


@dataclass(frozen=True, slots=True)
class InviteLink:
    """An invitation to one space of one server.

    Attributes:
        server: the server's address as `server_url` writes it.
        space: the space to join.
        secret: proves the invitation; never shown in a log or an error.
        name: the space's name when the link was made, for display; may be empty.
        ledger_key: by which the acts of the space's ledger are verified; may be empty.
    """

    server: str
    space: SpaceId
    secret: str = field(repr=False)
    name: str = ""
    ledger_key: bytes = b""


def build_link(link: InviteLink) -> str:
    """Write an invitation as the text that a person sends."""
    fields = {"server": link.server, "space": link.space, "secret": link.secret}
    if link.name:
        fields["name"] = link.name
    if link.ledger_key:
        fields["ledger"] = base64.urlsafe_b64encode(link.ledger_key).decode().rstrip("=")
    return "cairn://join?" + urlencode(fields)


def parse_link(text: str) -> InviteLink:
    """Read an invite link as it was pasted, with white space around it or not.

    Raises:
        InvalidValue: it is not an invite link, lacks a part, or names an unusable server.
    """
    parts = _split(text.strip(), "The invite link")
    if (parts.scheme, parts.netloc or parts.path.strip("/")) != ("cairn", "join"):
        raise InvalidValue("An invite link begins with cairn://join; copy it whole.", field="link")
    fields = parse_qs(parts.query)
    space = parse_space_id(_single(fields, "space"))
    secret = _single(fields, "secret")
    if len(secret) > SECRET_CHARS_MAX or not secret.isascii() or not secret.isprintable():
        raise InvalidValue(
            "The invite link's secret is damaged; copy the link whole.", field="link"
        )
    name = fields.get("name", [""])[0][:NAME_CHARS_MAX]
    server = server_url(_single(fields, "server"))
    return InviteLink(server, space, secret, name, _ledger_key(fields))


def server_url(text: str) -> str:
    """Check a server's address and write it in the one form that is stored and compared.

    Args:
        text: `https://host[:port][/path][#sha256=...]`, or `http://` to this computer itself.

    Returns:
        The address without a slash at its end, scheme and host in lower case.

    Raises:
        InvalidValue: not an address, holds a name and password, or plain http to another computer.
    """
    parts = _split(text.strip(), "The server's address")
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidValue(
            "A server's address looks like https://cairn.example.org.",
            field="server",
        )
    pin = read_pin(parts.fragment)
    if parts.username is not None or parts.query or (parts.fragment and pin is None):
        raise InvalidValue(
            "A server's address has no user name or question mark, and behind # only the "
            "fingerprint of its certificate; copy it as the server printed it.",
            field="server",
        )
    if pin is not None and parts.scheme != "https":
        raise InvalidValue(
            "A server with a fingerprint is asked by https; copy its address as it printed it.",
            field="server",
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise InvalidValue(
            f"Plain http to {host} would show everything to the network; use https.",
            field="server",
        )
    shown_host = f"[{host}]" if ":" in host else host
    port = "" if parts.port is None else f":{parts.port}"
    return join_address(f"{parts.scheme}://{shown_host}{port}{parts.path.rstrip('/')}", pin)


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address can only mean this computer."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, which may point anywhere
        return False


def _split(text: str, what: str) -> SplitResult:
    """Split an address; `what` names it in the error."""
    if len(text) > LINK_CHARS_MAX or any(not c.isprintable() or c.isspace() for c in text):
        raise InvalidValue(f"{what} is too long or holds spaces; copy it whole.")
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises where the port is no number
    except ValueError:
        raise InvalidValue(f"{what} can't be read; copy it whole.") from None
    return parts


def _ledger_key(fields: dict[str, list[str]]) -> bytes:
    """The authority's key; none in a link that was made before there were ledgers."""
    if "ledger" not in fields:
        return b""
    text = _single(fields, "ledger")
    try:
        key = base64.b64decode(f"{text}=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != SIGNING_KEY_BYTES:
        raise InvalidValue("The invite link's key is damaged; copy the link whole.", field="link")
    return key


def _single(fields: dict[str, list[str]], key: str) -> str:
    values = fields.get(key, [])
    if len(values) != 1:
        raise InvalidValue(f"The invite link lacks its {key}; copy it whole.", field="link")
    return values[0]
