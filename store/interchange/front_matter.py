"""Front matter: the YAML between two `---` lines at the start of a Markdown file.

PyYAML is imported here only, and only when a file has front matter. It is given nothing that could
exhaust the stack: libyaml's reader ends the whole process on some ten thousand open brackets.
Scalars stay text (YAML's base loader): a title `3.10` or `No` is neither 3.1 nor false.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from yaml import BaseLoader
    from yaml.cyaml import CBaseLoader
    from yaml.nodes import Node

CHARS_MAX: Final = 64 * 1024  # real front matter has a few hundred; a book's index a few thousand
DEPTH_MAX: Final = 50

_FRONT_MATTER: Final = re.compile(
    r"---[ \t]*\n(?P<yaml>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n(?:[ \t]*\n)?|\Z)"
)
_OPENERS: Final = re.compile(r"[\[{]|[-?] ")
_EMPTY: Final = ("", "~", "null")
_MOMENT: Final = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[Tt \t]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"[ \t]*(?:Z|UTC|GMT|(?P<sign>[+-])(?P<zone_hours>\d{1,2}):?(?P<zone_minutes>\d{2})?)?)?",
    re.ASCII,
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a file says about itself.

    Attributes:
        values: by lower-case key: text, lists and mappings; keys without a value are left out.
        body: the text after it (the whole text if it could not be read).
        yaml: its lines, as they were written.
        problem: why it could not be read, None if it could.
    """

    body: str
    values: Mapping[str, object] = field(default_factory=dict)
    yaml: str = ""
    problem: str | None = None


def read_front_matter(text: str) -> FrontMatter:
    r"""Split a file into its front matter and its body.

    One empty line between the two belongs to neither. A text that merely opens with a rule (`---`)
    has no front matter.

    Args:
        text: the file, with `\n` line breaks and without a byte order mark.
    """
    if not text.startswith("---"):
        return FrontMatter(text)
    found = _FRONT_MATTER.match(text)
    if found is None:
        return FrontMatter(text)
    values, problem = _parsed(found["yaml"])
    if problem is not None or values is None:
        return FrontMatter(text, problem=problem)
    return FrontMatter(text[found.end() :], values=values, yaml=found["yaml"])


def with_front_matter(yaml: str, body: str) -> str:
    """Put front matter above a text; what `read_front_matter` takes apart."""
    if not yaml.strip():
        return body
    return f"---\n{yaml}---\n" + (f"\n{body}" if body else "")


def without_keys(yaml_text: str, taken: Collection[str]) -> str:
    """Take keys out of front matter; all other lines stay to the letter, comments among them.

    Where that can't be done cleanly (several keys on one line, the same key twice, a value that
    another one refers to) nothing is taken out: rather something stands there twice.

    Args:
        yaml_text: lines of a mapping that `read_front_matter` could read.
        taken: lower-case names.
    """
    import yaml

    root = yaml.compose(yaml_text, Loader=_loader())
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return "" if root is None and not yaml_text.strip() else yaml_text
    names = [str(key.value).strip().lower() for key, _ in root.value]
    counts = Counter(names)
    lines = yaml_text.splitlines(keepends=True)
    gone: set[int] = set()
    for name, (key, value) in zip(names, root.value, strict=True):
        if name in taken and counts[name] == 1:
            gone.update(range(key.start_mark.line, _line_after(value, lines)))
    left = "".join(line for number, line in enumerate(lines) if number not in gone)
    return left if _says_the_rest(left, yaml_text, taken, counts) else yaml_text


def _line_after(node: "Node", lines: list[str]) -> int:
    """The line after a value; comments and empty lines between it and the next key are not its."""
    start, end = node.start_mark.line, node.end_mark.line + (node.end_mark.column > 0)
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return max(end, start + 1)


def _says_the_rest(
    left: str, yaml_text: str, taken: Collection[str], counts: Mapping[str, int]
) -> bool:
    values, problem = _parsed(left)
    before, _ = _parsed(yaml_text)
    rest = {k: v for k, v in (before or {}).items() if k not in taken or counts.get(k, 0) > 1}
    return problem is None and values == rest


def _parsed(yaml_text: str) -> tuple[Mapping[str, object] | None, str | None]:
    """Read the YAML: its values (None if it is no mapping, hence no front matter), or a problem."""
    import yaml

    if len(yaml_text) > CHARS_MAX:
        return None, f"longer than {CHARS_MAX:,} characters"
    try:
        if _is_too_deep(yaml_text):
            return None, f"nested deeper than {DEPTH_MAX} levels"
        # A safe loader, and more than that: it makes no objects but text, lists and mappings.
        value = yaml.load(yaml_text, Loader=_loader())
    except yaml.YAMLError as error:
        return None, _in_one_line(error)
    except ValueError as error:  # an escape for a character that doesn't exist
        return None, str(error)
    if value is None or value == "":
        return {}, None
    if not isinstance(value, dict):
        return None, None
    named = {str(key).strip().lower(): each for key, each in value.items()}
    return {key: each for key, each in named.items() if each and each not in _EMPTY}, None


def _loader() -> "type[CBaseLoader | BaseLoader]":
    import yaml

    return getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # no libyaml: the slower one


def _is_too_deep(yaml_text: str) -> bool:
    """True if collections stand deeper in each other than any person writes them."""
    if len(_OPENERS.findall(yaml_text)) <= DEPTH_MAX and _indent_max(yaml_text) <= DEPTH_MAX:
        return False
    import yaml

    depth = 0
    for event in yaml.parse(yaml_text, Loader=_loader()):  # reads flat, whatever the depth
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_MAX:
                return True
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return False


def _indent_max(yaml_text: str) -> int:
    return max(len(line) - len(line.lstrip(" ")) for line in yaml_text.split("\n"))


def _in_one_line(error: Exception) -> str:
    """Say what YAML stumbled over, and in which line of the file."""
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
    return what if mark is None else f"{what}, line {mark.line + 2}"


def words_of(value: object, *, is_one: bool = False) -> tuple[list[str], int]:
    """Read tags or categories: a list, or text that is separated by commas or spaces.

    Args:
        value: as the front matter has it.
        is_one: the key is singular (`category`): spaces don't separate.

    Returns:
        The words, and how many parts of a list are none.
    """
    if isinstance(value, str):
        if "," in value:
            return [word for part in value.split(",") if (word := part.strip())], 0
        return ([value.strip()] if is_one else value.split()), 0
    if not isinstance(value, list):
        return [], 0 if value is None else 1
    words = [word for each in value if isinstance(each, str) and (word := each.strip())]
    return words, sum(not isinstance(each, str) for each in value)


def moment_ms(value: object) -> int | None:
    """Read a date as Unix ms, in whole seconds; without a zone it is UTC, the same on all devices.

    Returns:
        None if it is no date since 1970.
    """
    found = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    number = {name: int(digits) for name, digits in found.groupdict("0").items() if name != "sign"}
    east = timedelta(hours=number["zone_hours"], minutes=number["zone_minutes"])
    try:
        moment = datetime(
            number["year"],
            number["month"],
            number["day"],
            number["hour"],
            number["minute"],
            number["second"],
            tzinfo=timezone(-east if found["sign"] == "-" else east),
        )
    except ValueError:  # the 30th of February, a zone of 30 hours
        return None
    at_ms = (moment - _EPOCH) // timedelta(seconds=1) * 1000
    return at_ms if at_ms >= 0 else None
