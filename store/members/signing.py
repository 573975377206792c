"""The key pair of a device or server: what it signs is signed for one purpose (Ed25519, PyNaCl).

The secret is 32 random bytes in `meta`, made when it is first needed. A copied home has it too: the
copy is the same device to the others, and both are shut out together.
"""

import sqlite3
from collections.abc import Callable
from typing import Final

from store.database.meta import read_meta, write_meta
from store.members.reading import PUBLIC_KEY

SEED_BYTES: Final = 32
KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
_SEED: Final = "signing_seed"


class Keys:
    """One key pair."""

    def __init__(self, seed: bytes) -> None:
        """Derive it from 32 secret bytes."""
        from nacl.signing import SigningKey  # loads libsodium: most commands sign nothing

        self._key = SigningKey(seed)

    @property
    def public(self) -> bytes:
        """The 32 bytes by which everybody can verify."""
        return bytes(self._key.verify_key)

    def sign(self, purpose: bytes, message: bytes) -> bytes:
        """Sign a message for a purpose; give the 64 bytes of the signature."""
        return self._key.sign(_bound(purpose, message)).signature


def own_keys(conn: sqlite3.Connection, entropy: Callable[[int], bytes]) -> Keys:
    """Give this database's key pair; make it the first time.

    Args:
        conn: a connection in a write transaction.
        entropy: so many random bytes.
    """
    kept = read_meta(conn, _SEED)
    if kept is not None:
        return Keys(bytes.fromhex(kept))
    seed = entropy(SEED_BYTES)
    keys = Keys(seed)
    write_meta(conn, _SEED, seed.hex())
    write_meta(conn, PUBLIC_KEY, keys.public.hex())
    return keys


def is_signed(key: bytes, purpose: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of the key has signed this message for this purpose."""
    from nacl.exceptions import BadSignatureError
    from nacl.signing import VerifyKey

    try:
        VerifyKey(key).verify(_bound(purpose, message), signature)
    except (BadSignatureError, ValueError):  # wrong, or of a wrong length
        return False
    return True


def _bound(purpose: bytes, message: bytes) -> bytes:
    return purpose + b"\0" + message
