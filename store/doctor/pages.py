"""Reads rows out of the pages of a SQLite file, whatever is left of it.

SQLite finds rows from the top of a tree and gives up where the tree is damaged. The rows lie in
leaf pages, each of which can be read by itself: so every page is looked at, and what reads as a
leaf is taken. What a row belongs to, and whether it is whole, is for the caller to judge.

Source: sqlite.org/fileformat2.html, sections 1.2 to 2.1.
"""

import struct
from collections.abc import Iterator
from typing import Final

Value = int | float | str | bytes | None
Record = tuple[int, tuple[Value, ...]]
"""A row id and the values of its columns; a column that is the row id reads as None."""

MAGIC: Final = b"SQLite format 3\x00"
HEADER_BYTES: Final = 100
PAGE_BYTES: Final = 4096  # what SQLite makes, and so what a file without a readable header has
PAGE_BYTES_MIN: Final = 512
PAGE_BYTES_MAX: Final = 65_536
_LEAF: Final = 0x0D
_LEAF_HEADER_BYTES: Final = 8
_INT_BYTES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_REAL, _ZERO, _ONE, _FIRST_BLOB = 7, 8, 9, 12


class Unreadable(ValueError):
    """These bytes are not what they should be."""


class Pages:
    """The pages of one file.

    Attributes:
        unreadable: how many rows of leaf pages could not be read so far.
    """

    def __init__(self, content: bytes) -> None:
        """Look at a file's bytes; pages count from 1."""
        self._content = content
        self._size, self._usable = _page_size(content)
        self._free = set(self._free_pages())
        self.unreadable = 0

    def records(self) -> Iterator[Record]:
        """Give the rows of all leaf pages that are in use."""
        for number in range(1, -(-len(self._content) // self._size) + 1):
            if number not in self._free:
                yield from self._leaf(number)

    def _leaf(self, number: int) -> Iterator[Record]:
        page = self._page(number)
        start = HEADER_BYTES if number == 1 else 0
        if page[start : start + 1] != bytes([_LEAF]):
            return
        told = int.from_bytes(page[start + 3 : start + 5], "big")
        count = min(told, len(page) // 2)  # each has a pointer of two bytes
        for index in range(count):
            at = start + _LEAF_HEADER_BYTES + 2 * index
            try:
                yield self._cell(page, int.from_bytes(page[at : at + 2], "big"))
            except (Unreadable, IndexError, struct.error, UnicodeDecodeError):
                self.unreadable += 1

    def _cell(self, page: bytes, at: int) -> Record:
        length, at = _varint(page, at)
        row, at = _varint(page, at)
        if length > len(self._content):
            raise Unreadable("a row is longer than the file")
        here = self._bytes_here(length)
        payload = page[at : at + here]
        if here < length:
            payload += self._overflow(page[at + here : at + here + 4], length - here)
        if len(payload) != length:
            raise Unreadable("a row ends too early")
        return row, _values(payload)

    def _bytes_here(self, length: int) -> int:
        """How much of a row lies in its leaf; the rest is in a chain of other pages."""
        most = self._usable - 35
        if length <= most:
            return length
        least = (self._usable - 12) * 32 // 255 - 23
        here = least + (length - least) % (self._usable - 4)
        return here if here <= most else least

    def _overflow(self, first: bytes, length: int) -> bytes:
        rest = b""
        number = int.from_bytes(first, "big")
        while len(rest) < length:
            page = self._page(number)
            if number == 0 or not page:
                raise Unreadable("the end of a long row is gone")
            rest += page[4 : self._usable]
            number = int.from_bytes(page[:4], "big")
        return rest[:length]

    def _page(self, number: int) -> bytes:
        return self._content[(number - 1) * self._size : number * self._size]

    def _free_pages(self) -> Iterator[int]:
        """The pages that are not in use; they hold rows that were deleted."""
        if not self._content.startswith(MAGIC):
            return
        seen: set[int] = set()
        trunk = int.from_bytes(self._content[32:36], "big")
        while trunk and trunk not in seen:
            seen.add(trunk)
            page = self._page(trunk)
            yield trunk
            count = int.from_bytes(page[4:8], "big")
            for at in range(8, min(8 + 4 * count, len(page)), 4):
                yield int.from_bytes(page[at : at + 4], "big")
            trunk = int.from_bytes(page[:4], "big")


def _page_size(content: bytes) -> tuple[int, int]:
    """Read the size of pages, and how much of each is in use."""
    if content.startswith(MAGIC) and len(content) >= HEADER_BYTES:
        size = int.from_bytes(content[16:18], "big")
        size = PAGE_BYTES_MAX if size == 1 else size
        if PAGE_BYTES_MIN <= size <= PAGE_BYTES_MAX and size & (size - 1) == 0:
            return size, size - content[20]
    return PAGE_BYTES, PAGE_BYTES


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for taken in range(8):
        byte = data[at + taken]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + taken + 1
    return value << 8 | data[at + 8], at + 9


def _values(payload: bytes) -> tuple[Value, ...]:
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values = []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind in (0, _ZERO, _ONE):
        return (None if kind == 0 else kind - _ZERO), at
    if kind in _INT_BYTES:
        size = _INT_BYTES[kind]
        return int.from_bytes(payload[at : at + size], "big", signed=True), at + size
    if kind == _REAL:
        return struct.unpack(">d", payload[at : at + 8])[0], at + 8
    if kind < _FIRST_BLOB:
        raise Unreadable("a value is of no known kind")
    size = (kind - _FIRST_BLOB) // 2
    data = payload[at : at + size]
    if len(data) != size:
        raise Unreadable("a value ends too early")
    return (data.decode() if kind % 2 else data), at + size
