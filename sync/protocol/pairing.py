"""A short code that two people read to each other, made into secrets that a stranger can't use.

    code      8 characters (`sync.protocol.codes`), 40 random bits, shown as `K7QM-3TXA`
    scrypt    of the code, with the fingerprint of the certificate that is spoken to as its salt
              first 32 bytes: the secret of the invite, which the joining device sends
              last 32 bytes: the proof key, with which the other device shows that it knows the code

Who stands between the two with a certificate of their own gets a secret for that certificate, which
opens nothing at the right device, and can't answer with the proof. What is left is to guess: online
there are few tries, and offline each guess costs an scrypt within the seconds that a device waits.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

PAIRING_S: Final = 600  # a code's life: reading it out, finding the device, typing
PROOF_BYTES: Final = 32

_COST: Final = 1 << 15  # 32 MiB and 0.1 s
_BLOCK: Final = 8
_MEMORY_BYTES_MAX: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class PairingSecrets:
    """What follows from a code and a certificate.

    Attributes:
        secret: goes over the wire as an invite's secret.
        proof_key: never leaves either device.
    """

    secret: str = field(repr=False)
    proof_key: bytes = field(repr=False)


def pairing_secrets(code: str, pin: str) -> PairingSecrets:
    """Make the secrets of a code. Takes 0.1 s.

    Args:
        code: as `read_code` gives it.
        pin: SHA-256 of the certificate at the other end, in lower-case hex.
    """
    made = hashlib.scrypt(
        code.encode(),
        salt=bytes.fromhex(pin),
        n=_COST,
        r=_BLOCK,
        p=1,
        maxmem=_MEMORY_BYTES_MAX,
        dklen=2 * PROOF_BYTES,
    )
    sent = base64.urlsafe_b64encode(made[:PROOF_BYTES]).decode("ascii").rstrip("=")
    return PairingSecrets(sent, made[PROOF_BYTES:])


def host_proof(proof_key: bytes, *, space: str, token: str, list_key: bytes) -> bytes:
    """Write the proof that whoever let a device in knows the code, and gave it just this."""
    message = b"\0".join((b"cairn host 1", space.encode(), token.encode(), list_key))
    return hmac.digest(proof_key, message, "sha256")


def is_host_proof(
    proof: bytes, proof_key: bytes, *, space: str, token: str, list_key: bytes
) -> bool:
    """Check it, in constant time."""
    wanted = host_proof(proof_key, space=space, token=token, list_key=list_key)
    return hmac.compare_digest(proof, wanted)
