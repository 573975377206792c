r"""What a task and a note hold that a person edits, and which values each field takes.

    task   title · due · priority · list · assignee · parent · repeat     + body, tags
    note   title · pinned                                                 + body, tags

Scalars are `str | bool | None`, which is what survives Automerge exactly; None means cleared, and
only a title can't be. Values come back in one canonical form, so that two devices that mean the
same write the same, which is no conflict (DECISIONS D3).

Text comes from keyboards, but also from terminals, PDF files and imports. Therefore:
- control characters (NUL among them) are **dropped**: nobody types them on purpose, nothing shows
  them, and refusing a long paste for an invisible character would lose it. Line breaks and tabs
  become a space in one-line values; in bodies they stay, as `\n` and `\t`.
- lone surrogates are **refused**: they can't be written as UTF-8, and mean that a program before us
  decoded the text wrongly, so that keeping the rest would hide damage.
- names and tags are NFC, because people type the same name on different keyboards; titles and
  bodies keep the code points that were typed.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from store.domain.due_date import checked_due
from store.domain.errors import InvalidValue
from store.domain.ids import Kind, kind_of, parse_doc_id
from store.domain.limits import (
    NAME_CHARS_MAX,
    REASON_CHARS_MAX,
    TAG_CHARS_MAX,
    TAGS_MAX,
    TEXT_CHARS_MAX,
    TITLE_CHARS_MAX,
)
from store.domain.recurrence import checked_rule

Scalar = str | int | bool | None

PRIORITIES: Final = ("low", "medium", "high")

# The scalars that a person edits, in the order in which they are shown.
SCALAR_FIELDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "task": ("title", "due", "priority", "list", "assignee", "parent", "repeat"),
    "note": ("title", "pinned"),
}
# Scalars that Cairn writes itself: where an import came from, where a moved item went.
OWN_FIELDS: Final = ("source", "moved_to")

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LINE_BREAKS: Final = re.compile("[\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]+")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_CONTROL_IN_BODY: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def validated(kind: str, field: str, value: object) -> Scalar:
    """Check a scalar field and give back its canonical value.

    Args:
        kind: `task` or `note`.
        field: one of `SCALAR_FIELDS[kind]`.
        value: None clears the field.

    Raises:
        InvalidValue: the kind has no such field, or the field can't hold the value.
    """
    if not any(kind == known and field in names for known, names in SCALAR_FIELDS.items()):
        raise InvalidValue(f"A {kind} has no field {field!r}.", field=field)
    if value is None:
        if field == "title":
            raise InvalidValue("A title can't be cleared; write a new one.", field=field)
        return None
    return _CHECKS[field](value)


def validated_title(value: object) -> str:
    """Check a title: one line, not empty; raises InvalidValue."""
    title = _one_line(_text("title", value))
    if not title:
        raise InvalidValue("A title can't be empty; write a few words.", field="title")
    return _not_longer("title", title, TITLE_CHARS_MAX)


def validated_name(field: str, value: object) -> str:
    """Check a name (list, assignee, person, device, space): one line, NFC; raises InvalidValue."""
    name = unicodedata.normalize("NFC", " ".join(_one_line(_text(field, value)).split()))
    if not name:
        raise InvalidValue(f"The {field} can't be empty; write a name.", field=field)
    return _not_longer(field, name, NAME_CHARS_MAX)


def validated_tag(value: object) -> str:
    """Check one tag: without leading `#`, one line, NFC; raises InvalidValue."""
    words = " ".join(_one_line(_text("tag", value)).split())
    tag = unicodedata.normalize("NFC", words.lstrip("# "))
    if not tag:
        raise InvalidValue("A tag needs at least one character after the #.", field="tags")
    return _not_longer("tag", tag, TAG_CHARS_MAX)


def validated_tags(values: Iterable[object]) -> tuple[str, ...]:
    """Check all tags of an item; sorted, each once; raises InvalidValue."""
    tags = tuple(sorted({validated_tag(value) for value in values}))
    if len(tags) > TAGS_MAX:
        raise InvalidValue(f"An item can have {TAGS_MAX} tags, not {len(tags)}.", field="tags")
    return tags


def validated_body(value: object) -> str:
    r"""Check a body: any text, line breaks as `\n`; raises InvalidValue."""
    text = _text("body", value).replace("\r\n", "\n").replace("\r", "\n")
    return _not_longer("body", _CONTROL_IN_BODY.sub("", text), TEXT_CHARS_MAX)


def validated_reason(value: object) -> str | None:
    """Check the reason of a lifecycle event: one line, None if nothing is left; may raise."""
    if value is None:
        return None
    reason = _one_line(_text("reason", value))
    return _not_longer("reason", reason, REASON_CHARS_MAX) or None


def _priority(value: object) -> str:
    if value not in PRIORITIES or not isinstance(value, str):
        raise InvalidValue("A priority is low, medium or high, or none.", field="priority")
    return value


def _parent(value: object) -> str:
    doc = parse_doc_id(_text("parent", value))
    if kind_of(doc) != "task":
        raise InvalidValue("A parent has to be a task, not a note.", field="parent")
    return doc


def _pinned(value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue("Pinned is either true or false.", field="pinned")
    return value


def _text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidValue(f"The {field} has to be text.", field=field)
    if _SURROGATE.search(value) is not None:
        raise InvalidValue(
            f"The {field} holds broken characters (lone surrogates); copy the text again.",
            field=field,
        )
    return value


def _one_line(text: str) -> str:
    return _CONTROL.sub("", _LINE_BREAKS.sub(" ", text)).strip()


def _not_longer(field: str, text: str, chars_max: int) -> str:
    if len(text) > chars_max:
        raise InvalidValue(
            f"The {field} has {len(text):,} characters; {chars_max:,} is the most.", field=field
        )
    return text


_CHECKS: Final[Mapping[str, Callable[[object], Scalar]]] = {
    "title": validated_title,
    "due": lambda value: checked_due(_text("due", value)),
    "priority": _priority,
    "list": lambda value: validated_name("list", value),
    "assignee": lambda value: validated_name("assignee", value),
    "parent": _parent,
    "repeat": lambda value: checked_rule(_text("repeat", value)),
    "pinned": _pinned,
}
