"""Cursors: a log position as text that a client keeps without looking inside.

    base64url, no padding ( MessagePack [generation, seq, chain] )

The log's owner checks the chain at that sequence, so that a restored or replaced log is noticed
(DECISIONS D18). A text that no log can have given is answered like a position in another log.
"""

import base64
import binascii

import msgspec

from store.undecodable import UNDECODABLE
from sync.protocol.fields import CURSOR_CHARS_MAX
from sync.protocol.messages import LogPosition


class NotACursor(ValueError):
    """The text is not a cursor."""


def encode_cursor(position: LogPosition) -> str:
    """Write a position as text."""
    packed = msgspec.msgpack.encode([position.generation, position.seq, position.chain])
    return base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def decode_cursor(text: str) -> LogPosition:
    """Read a position back.

    Raises:
        NotACursor: the text was not made by `encode_cursor`.
    """
    if len(text) > CURSOR_CHARS_MAX or not text.isascii():
        raise NotACursor("not a cursor")
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        parts = msgspec.msgpack.decode(packed, type=tuple[bytes, int, bytes])
        position = msgspec.convert(
            {"generation": parts[0], "seq": parts[1], "chain": parts[2]}, type=LogPosition
        )
    except (binascii.Error, *UNDECODABLE) as error:
        raise NotACursor("not a cursor") from error
    if encode_cursor(position) != text:  # one text per position, so that texts can be compared
        raise NotACursor("not a cursor")
    return position
