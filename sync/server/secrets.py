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
    """Make a token or an invite: 43 characters that fit into a header and a link."""
    return base64.urlsafe_b64encode(entropy(SECRET_BYTES)).decode("ascii").rstrip("=")


def hash_of(secret: str) -> bytes:
    """The 32 bytes by which a secret is stored and found."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def same_setup_code(given: str, wanted: str) -> bool:
    """Compare what a person typed, in constant time; case, dashes and lookalikes don't matter."""
    typed = plain_code(given)
    return hmac.compare_digest(typed.encode("utf-8", "surrogatepass"), plain_code(wanted).encode())
