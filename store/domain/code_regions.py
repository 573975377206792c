"""Where in a Markdown text code and comments stand, so that nothing in them is read as Markdown."""

import re
from dataclasses import dataclass
from typing import Final

MASK: Final = "\x1a"  # as long as what it hides; no pattern for links, headings or boxes takes it

_FENCE: Final = re.compile(
    r"[ \t]*(?P<quote>(?:>[ \t]?)*)[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*"
    r"(?P<ticks>`{3,}(?=[^`]*$)|~{3,})"
)
_FENCE_END: Final = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*(?P<ticks>`{3,}|~{3,})[ \t]*")
_LIST_ITEM: Final = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_COMMENT: Final = re.compile(r" {0,3}<!--")
# A code span ends with its block: at an empty line, a list item, a heading or a quote.
_TICKS_OR_BLOCK: Final = re.compile(
    r"`+|\n(?=[ \t]*(?:\n|[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|>))"
)


def masked(text: str) -> str:
    r"""Hide fenced and indented code, code spans and HTML comments.

    Args:
        text: Markdown with `\n` line breaks.

    Returns:
        A text of the same length and lines, in which hidden characters are `MASK`: what a pattern
        finds in it stands at the same place in `text`.
    """
    if "`" not in text and "~~~" not in text and "<!--" not in text and not _may_be_indented(text):
        return text
    blocks = _Blocks()
    shown = "\n".join(MASK * len(line) if blocks.hides(line) else line for line in text.split("\n"))
    return _without_spans(shown) if "`" in shown else shown


def _may_be_indented(text: str) -> bool:
    return "\n    " in text or "\n\t" in text or text.startswith(("    ", "\t"))


@dataclass(slots=True)
class _Blocks:
    """Reads line after line and knows which block each one stands in."""

    fence: str = ""  # the ticks that opened it
    fence_is_quoted: bool = False
    in_comment: bool = False
    in_list: bool = False
    in_indented: bool = False
    after_blank: bool = True

    def hides(self, line: str) -> bool:
        """Take in the next line; True if it is code or a comment."""
        if self.fence:
            return self._inside_fence(line)
        if self.in_comment or _COMMENT.match(line):
            self.in_comment = "-->" not in line
            return True
        if not line.strip():
            self.after_blank = True
            return False
        self._follow_list(line)
        hidden = self._is_indented(line) or self._opens_fence(line)
        self.after_blank = False
        return hidden

    def _inside_fence(self, line: str) -> bool:
        if self.fence_is_quoted and not line.lstrip().startswith(">"):
            self.fence = ""  # the quote has ended, and the fence with it
            return self.hides(line)
        end = _FENCE_END.fullmatch(line)
        if end is not None and end["ticks"].startswith(self.fence):
            self.fence = ""
        return True

    def _follow_list(self, line: str) -> None:
        """Text below a list item may be indented without being code."""
        if _LIST_ITEM.match(line) and not self.in_indented:
            self.in_list = self.in_list or not line.startswith(("    ", "\t"))
        elif self.after_blank and not line.startswith((" ", "\t")):
            self.in_list = False

    def _is_indented(self, line: str) -> bool:
        indented = line.startswith(("    ", "\t")) and not self.in_list
        self.in_indented = indented and (self.after_blank or self.in_indented)
        return self.in_indented

    def _opens_fence(self, line: str) -> bool:
        found = _FENCE.match(line)
        if found is None:
            return False
        self.fence, self.fence_is_quoted = found["ticks"], bool(found["quote"])
        return True


def _without_spans(text: str) -> str:
    """Hide code spans: from a run of backticks to the next run of the same length."""
    pieces: list[str] = []
    shown_from = 0
    for start, end in _spans(text):
        pieces += (text[shown_from:start], re.sub(r"[^\n]", MASK, text[start:end]))
        shown_from = end
    pieces.append(text[shown_from:])
    return "".join(pieces)


def _spans(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    runs: list[tuple[int, int]] = []
    for found in _TICKS_OR_BLOCK.finditer(text):
        if found[0] == "\n":
            spans += _paired(text, runs)
            runs = []
        else:
            runs.append(found.span())
    return spans + _paired(text, runs)


def _paired(text: str, runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pair the runs of one block in one pass: `later` holds the open places of each length."""
    later: dict[int, list[int]] = {}
    for index in range(len(runs) - 1, -1, -1):
        start, end = runs[index]
        later.setdefault(end - start, []).append(index)
    spans: list[tuple[int, int]] = []
    closed_at = -1
    for index, (start, end) in enumerate(runs):
        if index <= closed_at:
            continue
        opens = start + (text[start - 1 : start] == "\\")  # an escaped tick is a plain one
        closers = later.get(end - opens, [])
        while closers and closers[-1] <= index:
            closers.pop()
        if end > opens and closers:
            closed_at = closers[-1]
            spans.append((opens, runs[closed_at][1]))
    return spans
