"""Bundles: the changes of one space as a file, for a stick or any other way that carries files.

    file    `CAIRNB1` and a line feed; one zstd stream of frames; SHA-256 of all of that (32 bytes)
    frame   length in 4 bytes, big endian; then a message as MessagePack
    order   BundleHead, BundlePage ..., BundleEnd; nothing after it

The end carries the number of rows and the chain over their hashes (as a log's, from 32 zero bytes),
signed by the device that wrote it: who knows the list of the space's members takes bundles of those
only that may write (DECISIONS D21). A cut or damaged file is told from a whole one before anything
of it is expanded. Every change is judged by itself, as one that a stranger sent. Reading holds one
frame in memory, however large the file is or expands to.
"""

import hashlib
import io
from collections.abc import Iterator
from types import TracebackType
from typing import Annotated, BinaryIO, Final, Self, cast

import msgspec
import zstandard
from msgspec import Meta, Struct

from store.domain.errors import DomainError
from store.domain.limits import PUSH_ROWS_MAX
from store.log.position import CHAIN_START, next_chain
from store.members.signing import Keys, is_signed
from store.undecodable import UNDECODABLE
from sync.protocol import codec
from sync.protocol.fields import AtMs, Count, Hash, Id, Name
from sync.protocol.messages import LogPosition, Row
from sync.protocol.proving import PublicKey

MAGIC: Final = b"CAIRNB1\n"
_ANY_VERSION: Final = b"CAIRNB"
PAGE_BYTES_MAX: Final = 4 << 20  # of change bytes in one page; a single change may be as large
FRAME_BYTES_MAX: Final = 8 << 20
BUNDLE_BYTES_MAX: Final = 8 << 30  # expanded; above any space, below what fills a disk for days
_PURPOSE: Final = b"cairn bundle 1"
_LENGTH_BYTES: Final = 4
_DIGEST_BYTES: Final = 32
_READ_BYTES: Final = 1 << 20
_WINDOW_BYTES_MAX: Final = 8 << 20


class BundleRefused(DomainError):
    """The file is not a bundle that can be taken in. Nothing of it was."""

    type = "bundle"
    title = "Not a usable bundle"


class BundleHead(Struct, frozen=True, tag="head"):
    """Whose changes these are.

    Attributes:
        space: id of the space.
        name: the space's name, for a device that doesn't have it yet.
        person, device: who wrote the bundle, for display.
        replica: replica id of the home that wrote it.
        log: the end of that home's log; the bundle goes no further.
        made_at_ms: when, by that device's clock; for display.
    """

    space: Id
    name: Name
    person: Name
    device: Name
    replica: Id
    log: LogPosition
    made_at_ms: AtMs


class BundlePage(Struct, frozen=True, tag="page"):
    """Rows of the log, in its order: causes before their effects."""

    rows: Annotated[list[Row], Meta(min_length=1, max_length=PUSH_ROWS_MAX)]


class BundleEnd(Struct, frozen=True, tag="end"):
    """The last frame.

    Attributes:
        rows: how many rows all pages have.
        chain: chain over their hashes.
        signer: public key of the device that wrote the bundle.
        signature: by that key, over the space and the chain.
    """

    rows: Count
    chain: Hash
    signer: PublicKey | None = None
    signature: bytes = b""


Frame = BundleHead | BundlePage | BundleEnd


class BundleWriter:
    """Writes a bundle to an open file; a context manager that ends it.

    Attributes:
        rows: how many were written.
    """

    def __init__(self, file: BinaryIO, head: BundleHead, keys: Keys | None = None) -> None:
        """Begin with the head; `keys` are the device's, and sign the end."""
        self.rows = 0
        self._keys = keys
        self._space = head.space
        self._file = file
        self._digest = hashlib.sha256()
        self._chain = CHAIN_START
        self._zstd = zstandard.ZstdCompressor(level=3).compressobj()
        self._put(MAGIC)
        self._frame(head)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._frame(self._end())
            self._put(self._zstd.flush())
            self._file.write(self._digest.digest())

    def page(self, rows: list[Row]) -> None:
        """Write rows, at least one and at most `PUSH_ROWS_MAX`."""
        self._frame(BundlePage(rows))
        self.rows += len(rows)
        for row in rows:
            self._chain = next_chain(self._chain, row.hash)

    def _end(self) -> BundleEnd:
        if self._keys is None:
            return BundleEnd(self.rows, self._chain)
        signature = self._keys.sign(_PURPOSE, _signed_part(self._space, self._chain))
        return BundleEnd(self.rows, self._chain, self._keys.public, signature)

    def _frame(self, frame: Frame) -> None:
        body = codec.encode(frame)
        self._put(self._zstd.compress(len(body).to_bytes(_LENGTH_BYTES, "big") + body))

    def _put(self, part: bytes) -> None:
        self._digest.update(part)
        self._file.write(part)


def signer_of(head: BundleHead, end: BundleEnd) -> bytes | None:
    """The key that signed a bundle; None where nobody did, or the signature is wrong."""
    if end.signer is None:
        return None
    message = _signed_part(head.space, end.chain)
    return end.signer if is_signed(end.signer, _PURPOSE, message, end.signature) else None


def _signed_part(space: str, chain: bytes) -> bytes:
    return space.encode() + b"\0" + chain


def read_bundle(file: BinaryIO, *, bytes_max: int = BUNDLE_BYTES_MAX) -> Iterator[Frame]:
    """Read the frames of a bundle, and check them as they come.

    What was given before an error must not be believed: only the end proves that all is whole.

    Args:
        file: at its beginning; one that can be read twice.
        bytes_max: expanded.

    Raises:
        BundleRefused: with one sentence that says what is wrong with the file.
    """
    size = _checked_size(file)
    decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES_MAX)
    part = cast("BinaryIO", _Part(file, size))
    with decompressor.stream_reader(part, closefd=False) as stream:
        try:
            yield from _frames(stream, bytes_max)
        except (zstandard.ZstdError, MemoryError) as error:
            raise BundleRefused(_DAMAGED) from error


_DAMAGED: Final = (
    "The bundle is damaged or cut short; copy it again, and wait until all of it is written."
)


class _Part(io.RawIOBase):
    """The next bytes of a file, as if it ended after them."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        part = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(part)
        return part


def _checked_size(file: BinaryIO) -> int:
    """Compare a file with its digest; leave it after the magic, and give the stream's size."""
    magic = file.read(len(MAGIC))
    if magic != MAGIC:
        raise BundleRefused(_not_ours(magic))
    size = file.seek(0, io.SEEK_END) - len(MAGIC) - _DIGEST_BYTES
    if size <= 0:
        raise BundleRefused(_DAMAGED)
    file.seek(0)
    whole, digest = _Part(file, len(MAGIC) + size), hashlib.sha256()
    while part := whole.read(_READ_BYTES):
        digest.update(part)
    if file.read(_DIGEST_BYTES) != digest.digest():
        raise BundleRefused(_DAMAGED)
    file.seek(len(MAGIC))
    return size


def _frames(stream: zstandard.ZstdDecompressionReader, left: int) -> Iterator[Frame]:
    chain, rows, is_first = CHAIN_START, 0, True
    while True:
        body = _framed(stream, left)
        left -= len(body) + _LENGTH_BYTES
        frame = _decoded(body)
        if isinstance(frame, BundleHead) != is_first:
            raise BundleRefused(_DAMAGED)
        is_first = False
        if isinstance(frame, BundleEnd):
            if (frame.rows, frame.chain) != (rows, chain) or stream.read(1):
                raise BundleRefused(_DAMAGED)
            yield frame
            return
        if isinstance(frame, BundlePage):
            rows += len(frame.rows)
            for row in frame.rows:
                chain = next_chain(chain, row.hash)
        yield frame


def _framed(stream: zstandard.ZstdDecompressionReader, left: int) -> bytes:
    length = int.from_bytes(_exactly(stream, _LENGTH_BYTES), "big")
    if length > FRAME_BYTES_MAX or length + _LENGTH_BYTES > left:
        raise BundleRefused("The bundle holds more at once than any Cairn writes; it is no bundle.")
    return _exactly(stream, length)


def _exactly(stream: zstandard.ZstdDecompressionReader, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = stream.read(size)
        if not part:
            raise BundleRefused(_DAMAGED)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _decoded(body: bytes) -> Frame:
    try:
        frame: Frame = msgspec.msgpack.decode(body, type=Frame)
    except UNDECODABLE as error:
        raise BundleRefused(_DAMAGED) from error
    return frame


def _not_ours(magic: bytes) -> str:
    if magic.startswith(_ANY_VERSION):
        return "A newer Cairn wrote this bundle; update this one to read it."
    if magic and MAGIC.startswith(magic):
        return _DAMAGED
    return "The file is not a bundle; `cairn bundle out FILE` writes one."
