"""The certificate of a server or peer: made once by itself, kept, and known by its fingerprint.

No authority vouches for it. Whoever gets an invite gets the fingerprint with it, and talks to
nobody else (`sync.protocol.address`), so the names and dates in the certificate decide nothing.
"""

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from sync.server.kept_file import write_private
from sync.server.listening import CannotServe

FILE: Final = "tls.pem"
YEARS: Final = 30  # a pin is for good: a new certificate locks everybody out
_DAYS: Final = 365 * YEARS


@dataclass(frozen=True, slots=True)
class Certificate:
    """A key and its certificate.

    Attributes:
        path: the PEM file that holds both.
        pin: SHA-256 of the certificate, in lower-case hex.
    """

    path: Path
    pin: str


def kept_certificate(folder: Path, now_ms: int) -> Certificate:
    """Give the certificate of a folder; make it the first time.

    Raises:
        CannotServe: the file can't be read, or holds something else.
    """
    path = folder / FILE
    try:
        if not path.exists():
            write_private(path, _made(now_ms))
        content = path.read_bytes()
        # The key has to fit too: found out here, not by the first who connects.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)
        der = x509.load_pem_x509_certificate(content).public_bytes(Encoding.DER)
    except (OSError, ValueError) as failure:  # ssl's errors are of the system's kind
        raise CannotServe(
            "certificate",
            "The certificate can't be used",
            f"{path} is no usable key and certificate; restore it from a backup, or remove it and "
            "invite everybody anew.",
        ) from failure
    return Certificate(path, sha256(der).hexdigest())


def _made(now_ms: int) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Cairn")])
    # A day early: clocks differ, and who checks dates should not refuse a fresh one.
    begins = datetime.datetime.fromtimestamp(now_ms / 1000, datetime.UTC) - datetime.timedelta(1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + datetime.timedelta(_DAYS))
        .add_extension(x509.SubjectAlternativeName(list(_names())), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


def _names() -> Iterator[x509.GeneralName]:
    yield x509.DNSName("localhost")
    yield x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    name = socket.gethostname()
    if name and name.isascii() and name != "localhost":
        yield x509.DNSName(name)
