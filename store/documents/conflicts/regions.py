"""Where a paragraph lies in some version of a text, also in one in which its line breaks are gone.

A passage is looked at in several versions: where its sides began, as each side left it, merged. Its
breaks are single elements of the text and mark it wherever they still stand. Where somebody deleted
one, the characters that stand before and behind the passage in other versions do: the order of
elements is the same in all of them.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from store.documents.binding import Doc, op_id
from store.documents.conflicts.naming import op_text

FIRST: Final = ""
"""Name of the paragraph that no break precedes."""

_VERSIONS_MAX: Final = 4  # of a text, held at once; one of 100,000 characters takes 25 MB

Element = tuple[str, bytes]
"""A character with the id of its insertion."""


class Version:
    """A text at some heads."""

    def __init__(self, elements: Sequence[Element]) -> None:
        """Take the elements in order."""
        self.elements = elements

    @cached_property
    def index(self) -> dict[bytes, int]:
        """Where each element stands."""
        return {element: i for i, (_, element) in enumerate(self.elements)}

    @cached_property
    def breaks(self) -> list[bytes]:
        """The line breaks, in order."""
        return [element for character, element in self.elements if character == "\n"]

    def text(self, start: int, end: int) -> str:
        """The characters of a stretch."""
        return "".join(character for character, _ in self.elements[start:end])


class Texts:
    """The versions of one text; those that were asked for last are held."""

    def __init__(self, doc: Doc, body: bytes) -> None:
        """Read nothing yet."""
        self._doc = doc
        self._body = body
        self._versions: OrderedDict[tuple[bytes, ...], Version] = OrderedDict()

    def at(self, heads: Sequence[bytes]) -> Version:
        """The text at some heads."""
        key = tuple(sorted(heads))
        found = self._versions.get(key)
        if found is None:
            if len(self._versions) == _VERSIONS_MAX:
                self._versions.popitem(last=False)
            found = self._versions[key] = Version(self._doc.elements(self._body, key))
        self._versions.move_to_end(key)
        return found

    def now(self) -> Version:
        """The text as it is."""
        return self.at(self._doc.heads())


class Place(NamedTuple):
    """The breaks between which a paragraph lies; None = the text's own start or end."""

    opening: bytes | None
    closing: bytes | None

    def text_if_whole(self, version: Version) -> str | None:
        """What the paragraph says in a version where both breaks stand; None where one is gone."""
        span = self.span_if_whole(version)
        return None if span is None else version.text(*span)

    def span_if_whole(self, version: Version) -> tuple[int, int] | None:
        """Where the paragraph lies in a version where both breaks stand; None where one is gone."""
        if not (self.is_open(version) and self.is_closed(version)):
            return None
        start = 0 if self.opening is None else version.index[self.opening] + 1
        end = len(version.elements) if self.closing is None else version.index[self.closing]
        return start, end

    def is_open(self, version: Version) -> bool:
        """Whether the break before it still stands."""
        return self.opening is None or self.opening in version.index

    def is_closed(self, version: Version) -> bool:
        """Whether the break behind it still stands."""
        return self.closing is None or self.closing in version.index


class Region:
    """One paragraph across versions."""

    def __init__(self, paragraph: str, base: Version, sides: Sequence[Version]) -> None:
        """Find the paragraph in the version that its sides started from.

        Args:
            paragraph: its name, one of the base's.
            base: the version that all sides have seen.
            sides: what became of it.
        """
        self._versions = (base, *sides)
        self._base_breaks = set(base.breaks)
        at = next((i for i, b in enumerate(base.breaks) if break_name(b) == paragraph), -1)
        opening = base.breaks[at] if paragraph != FIRST else None
        self.place = Place(opening, base.breaks[at + 1] if at + 1 < len(base.breaks) else None)

    def span(self, version: Version) -> tuple[int, int]:
        """Where the paragraph lies in a version: (start, end) in code points."""
        whole = self.place.span_if_whole(version)
        if whole is not None:
            return whole
        before, behind = self._neighbours
        start = 1 + max((i for e, i in version.index.items() if e in before), default=-1)
        for end in range(start, len(version.elements)):
            if version.elements[end][1] in behind:
                return start, end
        return start, len(version.elements)

    def text(self, version: Version) -> str:
        """What the paragraph says in a version."""
        return version.text(*self.span(version))

    def line_breaks(self, version: Version, stood: Sequence[Version], value: str) -> str:
        """Put the breaks around a value that it has where it comes from and lacks in a version."""
        start, end = self.span(version)
        elements = version.elements
        if not self.place.is_open(version) and any(self.place.is_open(v) for v in stood):
            value = "\n" * (start > 0 and elements[start - 1][0] != "\n") + value
        if not self.place.is_closed(version) and any(self.place.is_closed(v) for v in stood):
            value += "\n" * (end < len(elements) and elements[end][0] != "\n")
        return value

    @cached_property
    def _neighbours(self) -> tuple[set[bytes], set[bytes]]:
        """The elements before and behind the paragraph in all versions in which it begins."""
        before: set[bytes] = set()
        behind: set[bytes] = set()
        for version in self._versions:
            if self.place.is_open(version):
                start = 0 if self.place.opening is None else version.index[self.place.opening] + 1
                end = self._end_after(version, start)
                before.update(element for _, element in version.elements[:start])
                behind.update(element for _, element in version.elements[end:])
        return before, behind

    def _end_after(self, version: Version, start: int) -> int:
        for end in range(start, len(version.elements)):
            if version.elements[end][1] in self._base_breaks:
                return end
        return len(version.elements)


def paragraph_names(version: Version) -> Iterator[str]:
    """The names of all paragraphs of a version."""
    yield FIRST
    yield from map(break_name, version.breaks)


def break_name(element: bytes) -> str:
    """The name of the paragraph that a break begins."""
    return op_text(op_id(element))
