"""How a device proves which key is its own when it enters: by signing what only this entry has.

Without that, a member could enter under another device's key and have it listed with fewer rights.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from store.members.signing import KEY_BYTES, SIGNATURE_BYTES, Keys, is_signed

_PURPOSE: Final = b"cairn entry 1"

PublicKey = Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]


class KeyProof(Struct, frozen=True):
    """A device's public key, and its signature over the secret, the space and the replica id."""

    key: PublicKey
    signature: Annotated[bytes, Meta(min_length=SIGNATURE_BYTES, max_length=SIGNATURE_BYTES)]


def prove(keys: Keys, *, secret: str, space: str, replica: str) -> KeyProof:
    """Prove that this device has its key.

    Args:
        keys: its key pair.
        secret: what it enters with: an invite's secret, a pairing secret, a setup code or nothing.
        space: the space's id as it stands in the message; may be empty.
        replica: its replica id.
    """
    return KeyProof(keys.public, keys.sign(_PURPOSE, _message(secret, space, replica)))


def is_proven(proof: KeyProof, *, secret: str, space: str, replica: str) -> bool:
    """Whether the sender has the key that it names."""
    return is_signed(proof.key, _PURPOSE, _message(secret, space, replica), proof.signature)


def _message(secret: str, space: str, replica: str) -> bytes:
    return "\0".join((secret, space, replica)).encode("utf-8", "surrogatepass")
