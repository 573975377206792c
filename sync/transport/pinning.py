"""TLS to a server that is known by its certificate's fingerprint, and by nothing else."""

import ssl
from hashlib import sha256
from typing import ClassVar


class WrongCertificate(ssl.SSLCertVerificationError):
    """Somebody else answered. Nothing was sent to them."""


def pinned_context(pin: str) -> ssl.SSLContext:
    """Make a context that shakes hands with the one server of this fingerprint.

    Args:
        pin: SHA-256 of its certificate (DER), in lower-case hex.

    Returns:
        A context whose handshake raises `WrongCertificate` before anything is sent.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # No authority vouches for it and its names don't matter: the fingerprint alone decides.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.sslobject_class = type("_Pinned", (_PinnedObject,), {"pin": pin})
    return context


class _PinnedObject(ssl.SSLObject):
    """One connection."""

    pin: ClassVar[str]

    def do_handshake(self) -> None:
        """Shake hands, then look whom with."""
        super().do_handshake()
        shown = self.getpeercert(binary_form=True)
        if shown is None or sha256(shown).hexdigest() != self.pin:
            raise WrongCertificate("the certificate is not the expected one")
