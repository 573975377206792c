"""How typing and a caret survive when the text around them changes. Pure, in code points.

A box shows one text, the store has another by now, and the keyboard goes on in the meantime. The
store merges what was saved; what is still on its way from the keyboard is carried over here.
The page counts in UTF-16 units (an emoji is two), Python in code points: the border is here too.
"""

from bisect import bisect_left
from collections.abc import Sequence

from store.documents.text_diff import splices

Selection = tuple[int, int]
"""Where a selection begins and where it ends, which may be before that; a caret is both alike."""


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


def moved_caret(caret: int, old: str, new: str, *, lets_past: bool = False) -> int:
    """Find the place in `new` of a caret in `old`: what is inserted just before pushes it on.

    What is inserted at the caret itself comes after it, so that typing goes on where it was; with
    `lets_past` it comes before it, as at the start of a selection.
    """
    place = caret
    for splice in reversed(splices(old, new)):  # from the start to the end
        shift = place - caret
        if splice.index > caret or (splice.index == caret and (splice.removed or not lets_past)):
            break
        gone = min(splice.removed, caret - splice.index)
        place = caret + shift + len(splice.inserted) - gone
    return place


def moved_selection(selection: Selection, old: str, new: str) -> Selection:
    """Find the place in `new` of a selection in `old`: what was put in at its ends stays outside.

    A caret is a selection of nothing. Where all that was selected is gone, a caret is left.
    """
    base, extent = selection
    if base == extent:
        return (moved_caret(base, old, new),) * 2
    start, end = sorted(selection)
    end = moved_caret(end, old, new)
    start = min(moved_caret(start, old, new, lets_past=True), end)
    return (start, end) if base < extent else (end, start)


def typed_to(old: str, typed: str) -> int:
    """Say where the caret is after somebody typed: behind the last thing that changed."""
    edits = splices(old, typed)
    if not edits:
        return len(typed)
    behind = len(old) - edits[0].index - edits[0].removed
    return len(typed) - behind


def inserted_at(old: str, typed: str, carets: Sequence[int | None]) -> str | None:
    """Give what was typed, if it was put in at one of some carets and nothing was removed."""
    length = len(typed) - len(old)
    if length <= 0:
        return None
    for caret in carets:
        if caret is not None and old[:caret] + typed[caret : caret + length] + old[caret:] == typed:
            return typed[caret : caret + length]
    return None


def carried_by_units(old: str, sent: str, caret: int | None) -> int | None:
    """Say where in `old` a caret comes to stand that was meant for `sent`, as a page counts."""
    return None if caret is None else from_units(old, to_units(sent, caret))


def nearest(text: str, origins: Sequence[str]) -> int:
    """Tell which of some texts a keystroke made `text` from, by how little differs.

    Of equally near ones it is the last. A keystroke changes something, so `text` was made from one
    that it is equal to only if it is equal to all.
    """
    if len(origins) == 1:
        return 0
    return min(range(len(origins)), key=lambda each: (*_distance(text, origins[each]), -each))


def _distance(text: str, origin: str) -> tuple[bool, int]:
    signs = sum(splice.removed + len(splice.inserted) for splice in splices(origin, text))
    return signs == 0, signs


def to_units(text: str, index: int) -> int:
    """Count the UTF-16 units before a code point."""
    return index + sum(sign > "\uffff" for sign in text[:index])


def selection_in_units(text: str, selection: Selection) -> Selection:
    """Count a selection in UTF-16 units."""
    base, extent = selection
    return to_units(text, base), to_units(text, extent)


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
