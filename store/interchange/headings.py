"""Which heading names a Markdown text."""

import html
import re
from typing import Final

from store.domain.code_regions import MASK

_HEADING: Final = re.compile(r"^ {0,3}(?P<marks>#{1,6})[ \t]+(?P<text>\S.*)$", re.MULTILINE)
_TOP_HEADING: Final = re.compile(
    r"^ {0,3}#[ \t]+(?P<text>\S.*)$|^ {0,3}(?P<underlined>[^\s#>|=-].*)\n=+[ \t]*$", re.MULTILINE
)
_UNDERLINE: Final = re.compile(r" {0,3}(?:=+|-{2,})[ \t]*")
# What may stand above the heading without being content: tags, template commands, attributes.
_NO_CONTENT: Final = re.compile(r"<[^<>]*>(?:.*<[^<>]*>)?|\{[%:].*\}")
_LINK: Final = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:[ \t]+\"[^\"]*\")?\)|\[[^\[\]]*\])")
_ATTRIBUTES: Final = re.compile(r"[ \t]*\{[:#.][^{}]*\}[ \t]*$")
_CLOSING_MARKS: Final = re.compile(r"[ \t]+#+[ \t]*$")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>")
_STARS: Final = re.compile(r"\*+(?=\S)|(?<=\S)\*+")
_UNDERSCORES: Final = re.compile(r"(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)")


def heading_of(text: str, mask: str) -> str | None:
    """Find the heading that names a text: the one it opens with, else its first `# heading`.

    Many files open with a heading of a lower level, because the first level is the book's.

    Args:
        text: Markdown without front matter.
        mask: the same, `masked`.

    Returns:
        The heading as plain text, None if there is none.
    """
    opening = _opening(text, mask)
    if opening:
        return opening
    for found in _TOP_HEADING.finditer(mask):
        group = "text" if found["text"] is not None else "underlined"
        title = plain(text[found.start(group) : found.end(group)])
        if title:
            return title
    return None


def plain(heading: str) -> str:
    """Take the Markdown out of a heading; what stands in code stays as it is."""
    heading = _ATTRIBUTES.sub("", _CLOSING_MARKS.sub("", heading))
    heading = _LINK.sub(r"\1", heading)
    parts = re.split(r"`+", heading)
    parts[::2] = [_plain_part(part) for part in parts[::2]]
    return " ".join("".join(parts).split())


def _plain_part(part: str) -> str:
    part = _UNDERSCORES.sub("", _STARS.sub("", _TAG.sub("", part)))
    return html.unescape(part) if "&" in part else part


def _opening(text: str, mask: str) -> str | None:
    start = 0
    while start < len(mask):
        end = mask.find("\n", start)
        end = len(mask) if end < 0 else end
        line = mask[start:end].strip()
        if line.strip(MASK) and not _NO_CONTENT.fullmatch(line):
            return _heading_at(text, mask, start, end)
        start = end + 1
    return None


def _heading_at(text: str, mask: str, start: int, end: int) -> str | None:
    found = _HEADING.match(mask, start)
    if found is not None:
        return plain(text[found.start("text") : found.end("text")])
    next_end = mask.find("\n", end + 1)
    next_line = mask[end + 1 : len(mask) if next_end < 0 else next_end]
    if _UNDERLINE.fullmatch(next_line) and mask[start] not in "#>|-*+":
        return plain(text[start:end].strip())
    return None
