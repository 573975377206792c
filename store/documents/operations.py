"""Write the operations of a change to its columns, as Automerge itself would.

For changes whose content is known beforehand and replaces nothing: genesis, and the first content
of a document. Text goes in by runs: what is done per character is done by C code, since a pasted
text has a hundred thousand of them.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from store.documents import columns as c
from store.documents.chunk import frame, write_body
from store.documents.codec import write_bytes, write_leb128, write_sleb128
from store.documents.encoders import BooleanEncoder, DeltaEncoder, RunEncoder
from store.domain.stamp import Stamp

OpId = tuple[int, bytes]
"""Identity of one operation: (Lamport counter, actor). Orders writes, the same on every device."""

Scalar = str | int | bool | None

_NULL: Final = 0
_FALSE: Final = 1
_TRUE: Final = 2
_INT: Final = 4
_STRING: Final = 6

_ZERO: Final = b"\x00"  # number 0: the change's own actor, no predecessors
_PUT: Final = bytes((c.PUT,))

# Of a text in UTF-8, makes one value meta per character: its length from its first byte, and
# nothing from the bytes that continue it.
_CONTINUATION: Final = bytes(range(0x80, 0xC0))
_META_BY_FIRST_BYTE: Final = bytes(
    (1 + (byte >= 0xC0) + (byte >= 0xE0) + (byte >= 0xF0)) << 4 | _STRING for byte in range(256)
)
# Splits these metas into runs, and stretches in which no two neighbours are equal.
_ONE_CHARACTER: Final = 1 << 4 | _STRING
_RUN_OR_STRETCH: Final = re.compile(rb"(.)\1+|(?:(.)(?!\2))+", re.DOTALL)


class Operations:
    """The operations of one change, in order."""

    def __init__(self, actor: bytes, start_op: int, others: Iterable[bytes] = ()) -> None:
        """Start without any.

        Args:
            actor: who makes the change.
            start_op: counter of its first operation.
            others: all other actors whose objects are written to, and no more.
        """
        self._actor = actor
        self._others = sorted(set(others) - {actor})
        self._start_op = start_op
        self._indexes = {
            each: write_leb128(index) for index, each in enumerate([actor, *self._others])
        }
        self._map_rows = 0  # rows of which the columns for texts do not know yet
        self._object_actors = RunEncoder()
        self._object_counters = RunEncoder()
        self._key_actors = RunEncoder()
        self._key_counters = DeltaEncoder()
        self._key_strings = RunEncoder()
        self._inserts = BooleanEncoder()
        self._actions = RunEncoder()
        self._metas = RunEncoder()
        self._values: list[bytes] = []
        self.ops = 0

    @property
    def next_op(self) -> int:
        """Counter that the next operation gets."""
        return self._start_op + self.ops

    def put(self, obj: OpId | None, key: str, value: Scalar) -> None:
        """Write a key of a map that has none; `obj` None is the root."""
        meta, content = encode_value(value)
        self._add_to_map(obj, key, _PUT, meta)
        self._values.append(content)

    def make(self, key: str, action: int) -> None:
        """Make an empty object at a key of the root; `action` says of what kind."""
        self._add_to_map(None, key, write_leb128(action), _ZERO)

    def insert_text(self, obj: OpId, text: str, *, after: OpId | None) -> None:
        """Insert characters one by one, each an element, behind an element of this actor.

        Args:
            obj: the text object.
            text: without lone surrogates.
            after: an element; None is the beginning of the text.
        """
        count = len(text)
        if not count:
            return
        first = self.next_op
        self._add_text_keys(count, first, after)
        counter, actor = obj
        self._object_actors.append(self._indexes[actor], count)
        self._object_counters.append(write_leb128(counter), count)
        self._key_strings.append(None, count)
        self._inserts.append(True, count)
        self._actions.append(_PUT, count)
        content = text.encode()
        self._values.append(content)
        if len(content) == count:
            self._metas.append(bytes((_ONE_CHARACTER,)), count)
        else:
            self._add_metas(content.translate(_META_BY_FIRST_BYTE, _CONTINUATION))
        self.ops += count

    def frame(self, *, deps: Sequence[bytes], seq: int, stamp: Stamp | None) -> tuple[bytes, bytes]:
        """Make the change.

        Args:
            deps: hashes of the changes it follows.
            seq: its number among the actor's changes, from 1.
            stamp: author and time; None leaves both out.

        Returns:
            Its bytes, and its hash.
        """
        self._tell_map_rows()
        replaced = RunEncoder()
        replaced.append(_ZERO, self.ops)
        body = write_body(
            deps=deps,
            actor=self._actor,
            seq=seq,
            start_op=self._start_op,
            time_s=stamp.at_ms // 1000 if stamp else 0,
            message=stamp.message() if stamp else "",
            other_actors=self._others,
            columns={
                c.OBJECT_ACTOR: self._object_actors.finish(),
                c.OBJECT_COUNTER: self._object_counters.finish(),
                c.KEY_ACTOR: self._key_actors.finish(),
                c.KEY_COUNTER: self._key_counters.finish(),
                c.KEY_STRING: self._key_strings.finish(),
                c.INSERT: self._inserts.finish(),
                c.ACTION: self._actions.finish(),
                c.VALUE_META: self._metas.finish(),
                c.VALUE_RAW: b"".join(self._values),
                c.REPLACED: replaced.finish(),
            },
        )
        return frame(body)

    def _add_to_map(self, obj: OpId | None, key: str, action: bytes, meta: bytes) -> None:
        if obj is None:
            self._object_actors.append(None)
            self._object_counters.append(None)
        else:
            self._object_actors.append(self._indexes[obj[1]])
            self._object_counters.append(write_leb128(obj[0]))
        self._key_strings.append(write_bytes(key.encode()))
        self._actions.append(action)
        self._metas.append(meta)
        self._map_rows += 1
        self.ops += 1

    def _tell_map_rows(self) -> None:
        """Keys of maps are neither elements nor insertions."""
        self._key_actors.append(None, self._map_rows)
        self._key_counters.append_null(self._map_rows)
        self._inserts.append(False, self._map_rows)
        self._map_rows = 0

    def _add_text_keys(self, count: int, first: int, after: OpId | None) -> None:
        """Each character follows the one before."""
        self._tell_map_rows()
        if after is None:
            self._key_actors.append(None)
            self._key_counters.append(0)
        else:
            self._key_actors.append(self._indexes[after[1]])
            self._key_counters.append(after[0])
        self._key_actors.append(_ZERO, count - 1)
        self._key_counters.append_count(first, count - 1)

    def _add_metas(self, metas: bytes) -> None:
        for match in _RUN_OR_STRETCH.finditer(metas):
            if match[1]:
                self._metas.append(match[1], match.end() - match.start())
            else:
                self._metas.append_distinct(match[0])


def encode_value(value: Scalar) -> tuple[bytes, bytes]:
    """Encode a scalar.

    Returns:
        Its meta (type and length), and its bytes.
    """
    if value is None:
        return bytes((_NULL,)), b""
    if isinstance(value, bool):  # before int: it is a subclass
        return bytes((_TRUE if value else _FALSE,)), b""
    if isinstance(value, int):
        content, kind = write_sleb128(value), _INT
    else:
        content, kind = value.encode(), _STRING
    return write_leb128(len(content) << 4 | kind), content
