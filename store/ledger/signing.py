"""The authority's signature, by which a row is believed whoever brought it (DECISIONS D17).

Ed25519 by PyNaCl. The space is part of what is signed, so that a row can't be shown in another one.
"""

from typing import Final

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

SEED_BYTES: Final = 32
_PURPOSE: Final = b"cairn ledger 1\0"


class Signer:
    """Signs acts of one space's ledger."""

    def __init__(self, seed: bytes, space: str) -> None:
        """Sign with the key that follows from 32 secret bytes."""
        self._key = SigningKey(seed)
        self._prefix = _prefix(space)

    @property
    def public_key(self) -> bytes:
        """The 32 bytes by which everybody can verify."""
        return bytes(self._key.verify_key)

    def sign(self, body: bytes) -> bytes:
        """The signature of an act's bytes."""
        return self._key.sign(self._prefix + body).signature


def public_key(seed: bytes) -> bytes:
    """The 32 bytes by which everybody can verify what is signed with a seed, in any space."""
    return bytes(SigningKey(seed).verify_key)


def is_signed(key: bytes, space: str, body: bytes, signature: bytes) -> bool:
    """Whether the holder of the key has signed these bytes for this space."""
    try:
        VerifyKey(key).verify(_prefix(space) + body, signature)
    except (BadSignatureError, ValueError):  # wrong, or of a wrong length
        return False
    return True


def _prefix(space: str) -> bytes:
    return _PURPOSE + space.encode() + b"\0"
