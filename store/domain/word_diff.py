"""What two texts say differently, word by word, for people to look at. Pure.

Texts are saved and merged by characters (`store.documents.text_diff`); to be read, a difference is
marked by whole words: lines are compared first, then the words inside of lines that differ. White
space belongs to the word before it and is compared for itself, so that a word at the end of a text
is the same word when others follow it.

Source: difflib's matching blocks (Ratcliff and Metzener, 1988).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

WORDS_MAX: Final = 3_000  # compared one by one; beyond, the time grows with the square

Kind = Literal["same", "added", "removed"]

_TOKEN: Final = re.compile(r"(\w+|[^\w\s]|(?=\s))(\s*)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: in both, only in the new one, or only in the old one."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place where a new text differs: `start` to `end` in code points, and what was there."""

    start: int
    end: int
    removed: str


@dataclass(frozen=True, slots=True)
class _Word:
    """A word or sign, and the white space behind it."""

    text: str
    space: str

    @property
    def whole(self) -> str:
        return self.text + self.space


def marked(old: str, new: str) -> tuple[Piece, ...]:
    """Say what of a new text is new, and what of the old one is gone, in reading order.

    Returns:
        Pieces, neighbours of different kinds; those that are not `removed` are the new text, those
        that are not `added` the old one.
    """
    return tuple(_joined(_by_line(old, new)))


def places(old: str, new: str) -> tuple[Place, ...]:
    """List the places where a new text differs from the old one, in order."""
    found: list[Place] = []
    at = 0
    is_open = False
    for piece in marked(old, new):
        if piece.kind == "same":
            at += len(piece.text)
            is_open = is_open and piece.text.isspace()  # words beside each other are one place
            continue
        last = found.pop() if is_open else Place(at, at, "")
        gap = new[last.end : at]
        removed = last.removed + (gap if last.removed else "")
        if piece.kind == "removed":
            found.append(Place(last.start, at, removed + piece.text))
        else:
            at += len(piece.text)
            found.append(Place(last.start, at, removed if gap else last.removed))
        is_open = True
    return tuple(found)


def combined(base: str | None, sides: Sequence[str]) -> str:
    """Propose a text that has what every side put in and lacks what any side took out.

    Args:
        base: what they started from; None if that is not one text.
        sides: what became of it.
    """
    distinct = list(dict.fromkeys(sides))
    if len(distinct) == 1:
        return distinct[0]
    if base is None:
        return " / ".join(distinct)
    words = _words(base)
    kept = [True] * len(words)
    put_in: list[list[str]] = [[] for _ in range(len(words) + 1)]
    for side in distinct:
        for index, end, inserted in _edits(words, _words(side)):
            kept[index:end] = [False] * (end - index)
            if inserted and inserted not in put_in[index]:
                put_in[index].append(inserted)
    pieces: list[str] = []
    for index, word in enumerate([*words, None]):
        pieces += put_in[index]
        if word is not None and kept[index]:
            pieces.append(word.whole)
    return _spaced(pieces)


def is_torn(text: str, said: Sequence[str]) -> bool:
    """Tell whether a merged text has a word that nobody wrote, made of the letters of several.

    Args:
        text: merged by characters.
        said: what it was merged from, and what that started from.
    """
    known = {word.text for each in said for word in _words(each)}
    return any(word.text not in known for word in _words(text))


def _by_line(old: str, new: str) -> Iterator[Piece]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(before[i:j]))
        else:
            yield from _by_word("".join(before[i:j]), "".join(after[k:m]))


def _by_word(old: str, new: str) -> Iterator[Piece]:
    before, after = _words(old), _words(new)
    if max(len(before), len(after)) > WORDS_MAX:
        yield Piece("removed", old)
        yield Piece("added", new)
        return
    for tag, i, j, k, m in _opcodes(before, after):
        if tag == "equal":
            for was, now in zip(before[i:j], after[k:m], strict=True):
                yield Piece("same", was.text)
                if was.space == now.space:
                    yield Piece("same", was.space)
                else:
                    yield Piece("removed", was.space)
                    yield Piece("added", now.space)
        else:
            removed, added = before[i:j], after[k:m]
            is_alike = removed and added and removed[-1].space == added[-1].space
            space = removed[-1].space if is_alike else ""
            yield Piece("removed", "".join(word.whole for word in removed).removesuffix(space))
            yield Piece("added", "".join(word.whole for word in added).removesuffix(space))
            yield Piece("same", space)


def _edits(before: Sequence[_Word], after: Sequence[_Word]) -> Iterator[tuple[int, int, str]]:
    """Say which words are replaced by what."""
    if max(len(before), len(after)) > WORDS_MAX:
        yield 0, len(before), "".join(word.whole for word in after)
        return
    for tag, i, j, k, m in _opcodes(before, after):
        if tag != "equal":
            yield i, j, "".join(word.whole for word in after[k:m])


def _opcodes(
    before: Sequence[_Word], after: Sequence[_Word]
) -> list[tuple[str, int, int, int, int]]:
    matcher = SequenceMatcher(
        None, [word.text for word in before], [word.text for word in after], autojunk=False
    )
    return list(matcher.get_opcodes())


def _words(text: str) -> list[_Word]:
    return [_Word(found[1], found[2]) for found in _TOKEN.finditer(text) if found[0]]


def _spaced(pieces: Sequence[str]) -> str:
    """Put pieces together, with a space where two words would touch that never did."""
    text = ""
    for piece in pieces:
        touches = text and piece and _is_word(text[-1]) and _is_word(piece[0])
        text += " " + piece if touches else piece
    return text.rstrip(" ") if not pieces or not pieces[-1].endswith(" ") else text


def _is_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Join neighbours of one kind; a removal stands before the addition at its place."""
    removed = added = same = ""
    for piece in pieces:
        if piece.kind == "same":
            if not piece.text:
                continue
            yield from (Piece("removed", removed),) if removed else ()
            yield from (Piece("added", added),) if added else ()
            removed = added = ""
            same += piece.text
            continue
        if same and piece.text:
            yield Piece("same", same)
            same = ""
        removed += piece.text if piece.kind == "removed" else ""
        added += piece.text if piece.kind == "added" else ""
    yield from (Piece("same", same),) if same else ()
    yield from (Piece("removed", removed),) if removed else ()
    yield from (Piece("added", added),) if added else ()
