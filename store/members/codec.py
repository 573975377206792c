"""A statement about a member as bytes: signed for one space, checked before it is believed.

row     [body, signer's public key, signature over the purpose, the space and the body]
body    [key, replica, person, device, role, is_revoked, version, at_ms], as MessagePack
"""

import hashlib
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from store.domain.limits import NAME_CHARS_MAX
from store.domain.membership import Statement
from store.members.signing import KEY_BYTES, SIGNATURE_BYTES, Keys, is_signed
from store.undecodable import UNDECODABLE

ROW_BYTES_MAX: Final = 4 << 10
VERSION_MAX: Final = 1 << 31  # beyond that a hostile owner would end all counting
_ID_CHARS_MAX: Final = 64
_AT_MS_MAX: Final = (1 << 53) - 1
_PURPOSE: Final = b"cairn member 1"

_Key = Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]
_Name = Annotated[str, Meta(max_length=NAME_CHARS_MAX)]


class NotAStatement(Exception):
    """The bytes are no statement of their signer about a member of this space."""


class Body(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What is signed; see `Statement`."""

    key: _Key
    replica: Annotated[str, Meta(max_length=_ID_CHARS_MAX)]
    person: _Name
    device: _Name
    role: Literal["owner", "editor", "viewer"]
    is_revoked: bool
    version: Annotated[int, Meta(ge=1, le=VERSION_MAX)]
    at_ms: Annotated[int, Meta(ge=0, le=_AT_MS_MAX)]


class Signed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A body with its signer and signature."""

    body: bytes
    signer: _Key
    signature: Annotated[bytes, Meta(min_length=SIGNATURE_BYTES, max_length=SIGNATURE_BYTES)]


def write_statement(keys: Keys, space: str, body: Body) -> bytes:
    """Sign a statement; gives the bytes of its row."""
    raw = msgspec.msgpack.encode(body)
    signature = keys.sign(_PURPOSE, _message(space, raw))
    return msgspec.msgpack.encode(Signed(raw, keys.public, signature))


def read_statement(space: str, raw: bytes) -> Statement:
    """Check a statement's shape and signature; not whether its signer counts.

    Raises:
        NotAStatement: it is none, or of another space.
    """
    if len(raw) > ROW_BYTES_MAX:
        raise NotAStatement
    try:
        signed = msgspec.msgpack.decode(raw, type=Signed)
        body = msgspec.msgpack.decode(signed.body, type=Body)
    except UNDECODABLE as error:
        raise NotAStatement from error
    if not is_signed(signed.signer, _PURPOSE, _message(space, signed.body), signed.signature):
        raise NotAStatement
    return stated(signed, body, raw)


def read_kept(raw: bytes) -> Statement:
    """Read a statement of our own log, which was checked before it was kept there."""
    signed = msgspec.msgpack.decode(raw, type=Signed)
    return stated(signed, msgspec.msgpack.decode(signed.body, type=Body), raw)


def stated(signed: Signed, body: Body, raw: bytes) -> Statement:
    """Put a statement together from its parts."""
    return Statement(
        key=body.key,
        replica=body.replica,
        person=body.person,
        device=body.device,
        role=body.role,
        is_revoked=body.is_revoked,
        version=body.version,
        at_ms=body.at_ms,
        signer=signed.signer,
        hash=row_hash(raw),
    )


def row_hash(raw: bytes) -> bytes:
    """The hash by which a row is known."""
    return hashlib.sha256(raw).digest()


def _message(space: str, body: bytes) -> bytes:
    return space.encode() + b"\0" + body
