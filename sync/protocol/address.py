"""Addresses of servers and peers, with the certificate that is expected there.

    https://192.168.1.5:8787#sha256=<64 hex digits>

The fragment is the SHA-256 of the server's certificate (DER), as `openssl x509 -fingerprint` shows
it. It stands wherever the address stands: in the ready line, in invite links, in what a home keeps;
it never travels over HTTP. An address without one is checked against the certificate authorities.
"""

import re
from dataclasses import dataclass
from typing import Final

PIN_NAME: Final = "sha256"
_PIN: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class PinnedAddress:
    """Where to connect to, and whom to expect.

    Attributes:
        url: without a fragment and without a slash at its end.
        pin: SHA-256 of the certificate in lower-case hex; None = whom the authorities vouch for.
    """

    url: str
    pin: str | None = None


def split_address(text: str) -> PinnedAddress:
    """Take an address apart; a fragment that is no fingerprint stays in the url."""
    url, _, fragment = text.partition("#")
    pin = read_pin(fragment)
    if fragment and pin is None:
        return PinnedAddress(text)
    return PinnedAddress(url.rstrip("/"), pin)


def shown_address(text: str) -> str:
    """Write an address for a person: without the fingerprint, which is for programs."""
    return split_address(text).url


def join_address(url: str, pin: str | None) -> str:
    """Write an address with its fingerprint."""
    return url if pin is None else f"{url}#{PIN_NAME}={pin}"


def read_pin(fragment: str) -> str | None:
    """Read `sha256=...`, in either case, with colons or without; None where it is no such thing."""
    name, _, value = fragment.partition("=")
    pin = value.replace(":", "").lower()
    return pin if name.lower() == PIN_NAME and _PIN.fullmatch(pin) else None
