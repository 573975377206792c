"""Checkbox lines of a Markdown text: `- [ ] buy rope`, `* [x] done`, numbered, nested, quoted."""

import re
from dataclasses import dataclass
from typing import Final

_CHECKBOX: Final = re.compile(
    r"^[ \t]*(?:>[ \t]?)*[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[(?P<mark>[ xX])\][ \t]+(?P<text>\S.*)$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Checkbox:
    """One checkbox line.

    Attributes:
        text: what is to be done, as written, without the box.
        ordinal: 1 for the first line with this text, 2 for the second ...
    """

    text: str
    is_done: bool
    ordinal: int


def checkboxes(text: str, mask: str) -> list[Checkbox]:
    """List the checkbox lines of a text in their order.

    Args:
        text: Markdown without front matter.
        mask: the same, `masked`, so that boxes in code are none.
    """
    boxes: list[Checkbox] = []
    seen: dict[str, int] = {}
    for found in _CHECKBOX.finditer(mask):
        what = text[found.start("text") : found.end("text")].strip()
        seen[what] = seen.get(what, 0) + 1
        boxes.append(Checkbox(what, found["mark"] != " ", seen[what]))
    return boxes
