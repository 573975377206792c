"""How typing and a caret survive when the text around them changes. Pure, in code points.

A box shows one text, the store has another by now, and the keyboard goes on in the meantime. The
store merges what was saved; what is still on its way from the keyboard is carried over here.
The page counts in UTF-16 units (an emoji is two), Python in code points: the border is here too.
"""

from bisect import bisect_left
from collections.abc import Sequence

from store.documents.text_diff import splices


def rebased(old: str, typed: str, new: str) -> str:
    """Carry what turned `old` into `typed` over to `new`, another successor of `old`.

    Nothing that either inserted is lost; what either removed is gone. Where both inserted at one
    place, what was typed comes after.
    """
    if new == old or typed == old:
        return typed if new == old else new
    text, places = list(new), _survivors(old, new)
    for splice in splices(old, typed):  # from the end to the start, so places before it hold
        end = splice.index + splice.removed
        start_at = bisect_left(places, (splice.index, True))
        end_at = bisect_left(places, (end, True)) if splice.removed else start_at
        middle = [
            (sign, place)
            for sign, place in zip(text[start_at:end_at], places[start_at:end_at], strict=True)
            if not place[1]  # inserted by the other side inside of what was removed: it stays
        ]
        inserted = [(sign, (splice.index, False)) for sign in splice.inserted]
        both = middle + inserted
        text[start_at:end_at] = [sign for sign, _ in both]
        places[start_at:end_at] = [place for _, place in both]
    return "".join(text)


def _survivors(old: str, new: str) -> list[tuple[int, bool]]:
    """Say of each character of `new` where in `old` it stood, True, or was put in before, False."""
    places = [(index, True) for index in range(len(old))]
    for splice in splices(old, new):
        put_in = [(splice.index, False)] * len(splice.inserted)
        places[splice.index : splice.index + splice.removed] = put_in
    return places


def moved_caret(caret: int, old: str, new: str) -> int:
    """Find the place in `new` of a caret in `old`: what is inserted just before pushes it on.

    What is inserted at the caret itself comes after it, so that typing goes on where it was.
    """
    place = caret
    for splice in reversed(splices(old, new)):  # from the start to the end
        shift = place - caret
        if splice.index >= caret:
            break
        gone = min(splice.removed, caret - splice.index)
        place = caret + shift + len(splice.inserted) - gone
    return place


def nearest(text: str, origins: Sequence[str]) -> int:
    """Tell which of some texts `text` was made from, by how little differs; the last of equals."""
    if len(origins) == 1:
        return 0
    return min(range(len(origins)), key=lambda each: (_distance(text, origins[each]), -each))


def _distance(text: str, origin: str) -> int:
    return sum(splice.removed + len(splice.inserted) for splice in splices(origin, text))


def to_units(text: str, index: int) -> int:
    """Count the UTF-16 units before a code point."""
    return index + sum(sign > "\uffff" for sign in text[:index])


def from_units(text: str, units: int) -> int:
    """Count the code points before a UTF-16 unit; the middle of a pair is before it."""
    if text.isascii():
        return min(units, len(text))
    count = 0
    for index, sign in enumerate(text):
        count += 2 if sign > "\uffff" else 1
        if count > units:
            return index
    return len(text)
