"""Which values a change may write: those that the binding can read back.

It panics on a counter, on a kind of later versions, and on a date outside Python's calendar (seen).
Such a value may lie unseen under another one until that is deleted, long after it was taken in: so
it is not enough to try whether the document can be read now.
"""

from typing import Final

from store.documents.change_ops import ChangeOps
from store.documents.codec import read_sleb128
from store.documents.columns import DELETE, MAKE_LIST, MAKE_MAP, MAKE_TABLE, MAKE_TEXT, MARK, PUT

# The low four bits of a value's meta. 8 is a counter, 10 to 15 have no meaning yet.
_KIND_BITS: Final = 0b1111
_TIMESTAMP: Final = 9
_READABLE: Final = frozenset({0, 1, 2, 3, 4, 5, 6, 7, _TIMESTAMP})
# All but incrementing a counter.
_ACTIONS: Final = frozenset({MAKE_MAP, PUT, MAKE_LIST, DELETE, MAKE_TEXT, MAKE_TABLE, MARK})
# The years 2 to 9998, in Unix milliseconds: every time zone can write them.
_TIMESTAMP_MS_MIN: Final = -62_104_060_800_000
_TIMESTAMP_MS_MAX: Final = 253_339_228_799_999


def is_readable(ops: ChangeOps) -> bool:
    """Tell whether all values that a change writes can be read back.

    Raises:
        Malformed: a date is cut short.
    """
    kinds = {(meta or 0) & _KIND_BITS for meta in set(ops.metas)}
    if not (kinds <= _READABLE and set(ops.actions) <= _ACTIONS):
        return False
    return _TIMESTAMP not in kinds or _are_dates_readable(ops)


def _are_dates_readable(ops: ChangeOps) -> bool:
    at = 0
    for meta in ops.metas:
        if meta is not None:
            if meta & _KIND_BITS == _TIMESTAMP:
                at_ms, _ = read_sleb128(ops.values, at)
                if not _TIMESTAMP_MS_MIN <= at_ms <= _TIMESTAMP_MS_MAX:
                    return False
            at += meta >> 4
    return True
