"""The envelope of a change: magic bytes, checksum, length, and the header in front of its columns.

    chunk   85 6f 4a 83 | first 4 bytes of the hash | type | length | body
            type 1: the body as it is; type 2: the body deflated (the hash is that of the plain one)
    hash    SHA-256 of (01 | length | plain body)
    body    deps | actor | seq | start op | time | message | other actors | columns | rest

Source: automerge.org/automerge-binary-format-spec.
"""

import zlib
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from store.documents.codec import (
    Malformed,
    read_bytes,
    read_leb128,
    read_sleb128,
    write_bytes,
    write_leb128,
    write_sleb128,
)

MAGIC: Final = b"\x85\x6f\x4a\x83"
PLAIN: Final = 1
DEFLATED: Final = 2
HASH_BYTES: Final = 32

DEFLATE_FROM_BYTES: Final = 256  # below it there is nothing to gain; Automerge's own limit
# Setting up zlib's full window takes longer (80 us) than squeezing a note with a small one (15 us).
_SMALL_BODY_BYTES: Final = 4096
_SMALL_WINDOW: Final = (-12, 5)  # bits, memory level
_FULL_WINDOW: Final = (-15, 8)


class BadChecksum(Malformed):
    """The bytes are not those that were written: damaged on the way, or forged."""


class TooLarge(Malformed):
    """The body is larger than allowed once it is inflated."""


class WrongType(Malformed):
    """A chunk of another type: a snapshot, or one that later versions may have."""


class Header(NamedTuple):
    """What stands before a change's columns; `time_at` and `others_at` are offsets in the body."""

    deps: tuple[bytes, ...]
    actor: bytes
    seq: int
    start_op: int
    time_s: int
    message: str | None
    time_at: int
    others_at: int


def change_hash(body: bytes) -> bytes:
    """Compute the name of a change from its plain body."""
    return sha256(b"\x01" + write_leb128(len(body)) + body).digest()


def frame(body: bytes) -> tuple[bytes, bytes]:
    """Make a chunk of a change's body, deflated where that is smaller.

    Returns:
        The chunk, and the hash of the change.
    """
    digest = change_hash(body)
    kind, content = PLAIN, body
    if len(body) > DEFLATE_FROM_BYTES:
        deflated = _deflate(body)
        if len(deflated) < len(body):
            kind, content = DEFLATED, deflated
    return b"%b%b%c%b" % (MAGIC, digest[:4], kind, write_bytes(content)), digest


def unframe(raw: bytes, *, body_bytes_max: int) -> tuple[bytes, bytes]:
    """Take the body out of a chunk that holds exactly one change.

    Args:
        raw: the chunk.
        body_bytes_max: no more is inflated than this.

    Returns:
        The plain body, and the hash of the change.

    Raises:
        TooLarge, BadChecksum: as they say.
        Malformed: no magic bytes, another type of chunk, cut short, or more behind it.
    """
    if raw[:4] != MAGIC or len(raw) < 10:
        raise Malformed("these bytes are not an Automerge chunk")
    kind = raw[8]
    if kind not in (PLAIN, DEFLATED):
        raise WrongType(f"a chunk of type {kind} is not a change")
    body, end = read_bytes(raw, 9)
    if end != len(raw):
        raise Malformed("there is more than one chunk")
    if kind == DEFLATED:
        body = _inflate(body, body_bytes_max)
    if len(body) > body_bytes_max:
        raise TooLarge(f"the change is larger than {body_bytes_max} bytes")
    digest = change_hash(body)
    if digest[:4] != raw[4:8]:
        raise BadChecksum("the checksum does not fit the change")
    return body, digest


def read_header(body: bytes, *, deps_max: int) -> Header:
    """Read a change's header.

    Raises:
        Malformed: cut short, more than `deps_max` deps, or a message that is not UTF-8.
    """
    count, at = read_leb128(body, 0)
    if count > deps_max:
        raise Malformed(f"a change can follow at most {deps_max} others")
    ends = range(at + HASH_BYTES, at + HASH_BYTES * (count + 1), HASH_BYTES)
    deps = tuple([body[end - HASH_BYTES : end] for end in ends])
    actor, at = read_bytes(body, at + HASH_BYTES * count)
    seq, at = read_leb128(body, at)
    start_op, time_at = read_leb128(body, at)
    time_s, at = read_sleb128(body, time_at)
    message, others_at = read_bytes(body, at)
    text = message.decode() if message else None
    return Header(deps, actor, seq, start_op, time_s, text, time_at, others_at)


def write_time_and_message(time_s: int, message: str) -> bytes:
    """Encode the part of the header that says when and what for."""
    return write_sleb128(time_s) + write_bytes(message.encode())


def write_body(
    *,
    deps: Sequence[bytes],
    actor: bytes,
    seq: int,
    start_op: int,
    time_s: int,
    message: str,
    other_actors: Sequence[bytes],
    columns: Mapping[int, bytes],
) -> bytes:
    """Encode a change.

    Args:
        deps: hashes, in any order.
        actor: who makes the change.
        seq: counts the actor's changes from 1.
        start_op: counter of its first operation.
        time_s: Unix seconds.
        message: free text, may be empty.
        other_actors: sorted; operations name them by index, from 1.
        columns: by specification number; empty ones are left out.
    """
    filled = sorted((number, column) for number, column in columns.items() if column)
    parts = [write_leb128(len(deps)), *sorted(deps), write_bytes(actor)]
    parts += [write_leb128(seq), write_leb128(start_op), write_time_and_message(time_s, message)]
    parts.append(write_leb128(len(other_actors)))
    parts += map(write_bytes, other_actors)
    parts.append(write_leb128(len(filled)))
    for number, column in filled:
        parts += (write_leb128(number), write_leb128(len(column)))
    parts += [column for _, column in filled]
    return b"".join(parts)


def _deflate(body: bytes) -> bytes:
    window = _SMALL_WINDOW if len(body) <= _SMALL_BODY_BYTES else _FULL_WINDOW
    squeeze = zlib.compressobj(6, zlib.DEFLATED, *window)
    return squeeze.compress(body) + squeeze.flush()


def _inflate(deflated: bytes, bytes_max: int) -> bytes:
    inflater = zlib.decompressobj(-15)
    try:
        body = inflater.decompress(deflated, bytes_max + 1)
    except zlib.error:
        raise Malformed("the deflated bytes are damaged") from None
    if len(body) > bytes_max:
        raise TooLarge(f"the change inflates to more than {bytes_max} bytes")
    if not inflater.eof or inflater.unused_data:
        raise Malformed("the deflated bytes do not end where they should")
    return body
