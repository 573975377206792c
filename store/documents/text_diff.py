"""The smallest reasonable edit between two texts, as splices in code points.

Common prefix and suffix go first; what is left is compared by rapidfuzz while small and by
diff-match-patch with a time bound when large (figures in the field guide, section 6).
"""

from dataclasses import dataclass
from typing import Final

_EXACT_MAX: Final = 5_000  # code points of either middle; beyond it the exact way takes seconds
_DIFF_TIMEOUT_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Splice:
    """Remove `removed` code points at `index` of the old text and put `inserted` there."""

    index: int
    removed: int
    inserted: str


def splices(old: str, new: str) -> tuple[Splice, ...]:
    """Say how to turn one text into another.

    Returns:
        Splices from the end of the text to its start, so that each index holds when its turn comes.
    """
    start = _common_prefix(old, new)
    end = _common_prefix(old[start:][::-1], new[start:][::-1])
    before, after = old[start : len(old) - end], new[start : len(new) - end]
    if not before and not after:
        return ()
    if not before or not after:
        return (Splice(start, len(before), after),)
    if len(before) <= _EXACT_MAX and len(after) <= _EXACT_MAX:
        found = _exact(before, after)
    else:
        found = _bounded(before, after)
    return tuple(Splice(start + s.index, s.removed, s.inserted) for s in reversed(found))


def applied(old: str, edits: tuple[Splice, ...]) -> str:
    """Carry out splices on a plain text."""
    for s in edits:
        old = old[: s.index] + s.inserted + old[s.index + s.removed :]
    return old


def _common_prefix(a: str, b: str) -> int:
    """Length of the common start, by bisection over slice compares."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _exact(before: str, after: str) -> list[Splice]:
    from rapidfuzz.distance import Indel

    found: list[Splice] = []
    for op in Indel.opcodes(before, after):
        if op.tag == "equal":
            continue
        removed, inserted = op.src_end - op.src_start, after[op.dest_start : op.dest_end]
        _join(found, Splice(op.src_start, removed, inserted))
    return found


def _bounded(before: str, after: str) -> list[Splice]:
    from diff_match_patch import diff_match_patch  # type: ignore[import-untyped]

    engine = diff_match_patch()
    engine.Diff_Timeout = _DIFF_TIMEOUT_S
    found: list[Splice] = []
    index = 0
    for kind, text in engine.diff_main(before, after):
        if kind == 0:
            index += len(text)
        elif kind < 0:
            _join(found, Splice(index, len(text), ""))
            index += len(text)
        else:
            _join(found, Splice(index, 0, text))
    return found


def _join(found: list[Splice], new: Splice) -> None:
    """Append a splice, as one with the last where they touch."""
    if found and found[-1].index + found[-1].removed == new.index:
        last = found.pop()
        new = Splice(last.index, last.removed + new.removed, last.inserted + new.inserted)
    found.append(new)
