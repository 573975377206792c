"""How a message becomes bytes: MessagePack or JSON, and zstd around it, with a cap that holds.

`max_output_size` of zstandard is no bound where the frame declares its size, and a declared size is
whatever the sender wrote. So bodies are expanded as a stream and cut off one byte beyond the cap;
the window that a frame may ask for is bounded too.

Bodies carry a digest of themselves as they travel (RFC 9530 `Content-Digest`), so that damage on
the way is told from a bad message: the one is sent again, the other is not.
"""

import base64
import hashlib
import io
from typing import Final, TypeVar

import msgspec
import zstandard

from store.undecodable import UNDECODABLE

MSGPACK: Final = "application/vnd.cairn+msgpack"
JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
MEDIA_TYPES: Final = (MSGPACK, JSON)

COMPRESS_FROM_BYTES: Final = 512  # below that the frame costs about what it saves
_LEVEL: Final = 3
_WINDOW_BYTES_MAX: Final = 8 << 20  # what level 3 needs, whatever the size; a frame may ask 128 MiB

DIGEST_HEADER: Final = "content-digest"
_DIGEST_PREFIX: Final = "sha-256=:"

T = TypeVar("T")


class Malformed(ValueError):
    """The bytes are not the message they should be; the text says where."""


class Oversize(ValueError):
    """More bytes or entries than the protocol allows; the text says of what."""


class Damaged(ValueError):
    """The bytes are not those that were sent."""


def encode(message: object, media_type: str = MSGPACK) -> bytes:
    """Write a message as MessagePack or JSON."""
    if media_type == MSGPACK:
        return msgspec.msgpack.encode(message)
    return msgspec.json.encode(message)


def decode(body: bytes, shape: type[T], media_type: str = MSGPACK) -> T:
    """Read a message.

    Raises:
        Malformed: not that encoding, not that shape, or a number or text out of bounds.
        Oversize: a list with more entries than the message may hold.
    """
    try:
        if media_type == MSGPACK:
            return msgspec.msgpack.decode(body, type=shape)
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    except UNDECODABLE as error:
        raise Malformed("The body is not a whole message of its content type.") from error


def convert(fields: object, shape: type[T]) -> T:
    """Read a message from plain text fields, such as a query string.

    Raises:
        Malformed: a field is missing, not a number, out of bounds.
    """
    try:
        return msgspec.convert(fields, type=shape, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error


def compress(body: bytes) -> bytes:
    """Compress a body with zstd; the frame declares its size."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(body)


def expand(body: bytes, *, bytes_max: int) -> bytes:
    """Expand a zstd body of at most `bytes_max` bytes.

    Raises:
        Malformed: not zstd, or damaged.
        Oversize: it expands beyond `bytes_max`, whatever it declares.
    """
    decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES_MAX)
    try:
        declared = zstandard.get_frame_parameters(body).content_size
        with decompressor.stream_reader(io.BytesIO(body), read_across_frames=True) as reader:
            expanded = reader.read(bytes_max + 1)
    except (zstandard.ZstdError, MemoryError) as error:
        raise Malformed("The body is not whole zstd data.") from error
    if len(expanded) > bytes_max:
        raise Oversize(f"The body expands beyond {bytes_max} bytes.")
    if declared != zstandard.CONTENTSIZE_UNKNOWN and len(expanded) < declared:
        raise Malformed("The body is cut short.")  # the stream reader ends without a word
    return expanded


def digest_of(body: bytes) -> str:
    """The value of `Content-Digest` for a body as it travels."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")
    return f"{_DIGEST_PREFIX}{digest}:"


def check_digest(body: bytes, stated: str | None) -> None:
    """Compare a body with the digest that came with it; none, or one of another kind, passes.

    Raises:
        Damaged: they differ.
    """
    if stated is None or not stated.startswith(_DIGEST_PREFIX) or "," in stated:
        return
    if stated != digest_of(body):
        raise Damaged("The body was damaged on its way; send it again.")


def _invalid(error: msgspec.ValidationError) -> Malformed | Oversize:
    text = str(error)
    if text.startswith("Expected `array` of length <="):
        return Oversize(f"{text}.")
    return Malformed(f"{text}.")
