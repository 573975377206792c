"""Which paragraphs a run of changes touched, and whether two runs got in each other's way (D5).

Deleting or inserting characters touches the paragraph; deleting a break touches those on both its
sides; a whole new paragraph touches none. But what is put at the very end of a line and a new line
put below it, apart, may merge so that the words end up on the new line. So the ends of a paragraph
count apart from its inside, and meet with the new lines that are put beside them.
"""

from dataclasses import dataclass, field

from store.documents.conflicts.regions import FIRST, Version, break_name


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a run did, by names of the paragraphs that were there when it began.

    Attributes:
        inside: it deleted or inserted characters in them.
        at_start, at_end: it did so at the very start or end, or joined them with their neighbour.
        above, below: it put new paragraphs there, and left these as they were.
    """

    inside: set[str] = field(default_factory=set)
    at_start: set[str] = field(default_factory=set)
    at_end: set[str] = field(default_factory=set)
    above: set[str] = field(default_factory=set)
    below: set[str] = field(default_factory=set)


def footprint(before: Version, after: Version) -> Footprint:
    """What a run did, from the text when it began and the text that it left."""
    found = Footprint()
    names = _names(before)
    remaining = after.index
    for i, (character, element) in enumerate(before.elements):
        if element not in remaining:
            found.inside.add(names[i])
            if character == "\n":
                found.at_end.add(names[i])
                found.inside.add(break_name(element))
                found.at_start.add(break_name(element))
    _add_insertions(found, before, after, names)
    return found


def shared_paragraphs(one: Footprint, other: Footprint) -> set[str]:
    """The paragraphs in which two runs may have got in each other's way."""
    return (
        one.inside & other.inside
        | one.at_end & other.below
        | one.below & other.at_end
        | one.at_start & other.above
        | one.above & other.at_start
    )


def _names(version: Version) -> list[str]:
    """The paragraph of each element; a break belongs to the paragraph that it ends."""
    names: list[str] = []
    current = FIRST
    for character, element in version.elements:
        names.append(current)
        if character == "\n":
            current = break_name(element)
    return names


def _add_insertions(found: Footprint, before: Version, after: Version, names: list[str]) -> None:
    left = -1  # index in `before` of the last surviving element
    i = 0
    while i < len(after.elements):
        here = before.index.get(after.elements[i][1])
        if here is not None:
            left = here
            i += 1
            continue
        start = i
        while i < len(after.elements) and after.elements[i][1] not in before.index:
            i += 1
        _add_insertion(
            found, before, names, left, after.elements[start][0], after.elements[i - 1][0]
        )


def _add_insertion(
    found: Footprint, before: Version, names: list[str], left: int, first: str, last: str
) -> None:
    """Note an insertion behind an element (-1: at the very start), by its outer characters."""
    elements = before.elements
    starts_line = left < 0 or elements[left][0] == "\n"
    ends_line = left + 1 >= len(elements) or elements[left + 1][0] == "\n"
    paragraph = FIRST if left < 0 else break_name(elements[left][1]) if starts_line else names[left]
    if ends_line and first == "\n" and left >= 0:
        found.below.add(paragraph)
    elif starts_line and last == "\n":
        found.above.add(paragraph)
    else:
        found.inside.add(paragraph)
        if starts_line:
            found.at_start.add(paragraph)
        if ends_line:
            found.at_end.add(paragraph)
