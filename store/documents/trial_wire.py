"""What the trial's parent and child say to each other through two pipes.

Frames: four bytes of length, then MessagePack. The child says `Ready` once, then answers each
`Work` with `Findings`, one for one in the same order. Neither imports Automerge here.
"""

import struct
from collections.abc import Sequence
from typing import IO, Final, TypeVar

import msgspec

from store.undecodable import UNDECODABLE

OUT_OF_MEMORY: Final = 77  # exit code of a child that noticed by itself
FRAME_BYTES_MAX: Final = 1 << 28  # far above what a request may hold; guards against a torn stream
_LENGTH: Final = struct.Struct(">I")

T = TypeVar("T", bound=msgspec.Struct)


class Broken(Exception):
    """The other end is gone, or says something else than it should."""


class Ready(msgspec.Struct, array_like=True, tag=True):
    """The child has loaded what it needs, and set its limits."""


class WorkDoc(msgspec.Struct, array_like=True):
    """The new changes of one document, with those taken before where the child asked for them."""

    doc: str
    new: Sequence[bytes]
    base: Sequence[bytes] | None = None


class Work(msgspec.Struct, array_like=True, tag=True):
    """Documents to judge, within so many seconds of the processor's time."""

    docs: list[WorkDoc]
    cpu_s: int


class FoundDoc(msgspec.Struct, array_like=True):
    """What the child found about one document.

    Attributes:
        needs_base: it can't judge without the changes that were taken before; ask again with them.
        unreadable: these don't load, says this sentence; nothing is said about the new ones.
        findings: (hash, reason) of each new change, in their order; reason None if it passes.
    """

    needs_base: bool = False
    unreadable: str | None = None
    findings: list[tuple[bytes, str | None]] = []


class Found(msgspec.Struct, array_like=True, tag=True):
    """The answer to `Work`."""

    docs: list[FoundDoc]


def send(pipe: IO[bytes], message: msgspec.Struct) -> None:
    """Write one frame; raises OSError if nobody reads."""
    data = msgspec.msgpack.encode(message)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def receive(pipe: IO[bytes], kind: type[T]) -> T:
    """Read one frame.

    Raises:
        Broken: the stream ended, or holds something else.
    """
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise Broken("the other end has closed the pipe")
    (length,) = _LENGTH.unpack(head)
    if length > FRAME_BYTES_MAX:
        raise Broken(f"a frame of {length} bytes is not ours")
    data = pipe.read(length)
    if len(data) < length:
        raise Broken("the other end has closed the pipe within a frame")
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except UNDECODABLE as error:
        raise Broken(f"a frame can't be read: {error}") from None
