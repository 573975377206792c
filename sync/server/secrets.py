"""Secrets that open doors: device tokens, invites, the setup code. Only hashes are ever stored.

Tokens and invites carry 256 random bits, so one SHA-256 is enough (nobody can try them all) and the
lookup by hash gives nothing away by its time. A person types the setup code, so it is short, and
guesses at it are slowed down.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Final

from sync.protocol.codes import plain_code

SECRET_BYTES: Final = 32
Entropy = Callable[[int], bytes]


def new_secret(entropy: Entropy) -> str:
    """Make an invite: 43 characters that fit into a header and a link."""
    return _written(entropy(SECRET_BYTES))


class TokenMaker:
    """Makes the tokens of devices that enter: the same one for the same entering.

    A request that was given up may arrive after the one that was sent again, when the device has
    its answer already. Another token would then shut out the device that has just come in. So a
    token is made of a key that this process keeps to itself, and of what it is for.
    """

    def __init__(self, entropy: Entropy) -> None:
        """Make the key, which ends with the process; then a repeated entering gets another."""
        self._key = entropy(SECRET_BYTES)

    def token(self, space: str, replica: str, times: int) -> str:
        """Give the token of a device, of so many times that it was let in and out before."""
        said = f"{space} {replica} {times}".encode("utf-8", "surrogatepass")
        return _written(hmac.digest(self._key, said, "sha256"))


def _written(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).decode("ascii").rstrip("=")


def hash_of(secret: str) -> bytes:
    """The 32 bytes by which a secret is stored and found."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def same_setup_code(given: str, wanted: str) -> bool:
    """Compare what a person typed, in constant time; case, dashes and lookalikes don't matter."""
    typed = plain_code(given)
    return hmac.compare_digest(typed.encode("utf-8", "surrogatepass"), plain_code(wanted).encode())
