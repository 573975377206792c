"""Files of our own Markdown exports, and how they are met again by an import.

Such a file names the item that it was made of. An item that is still here is never overwritten by
its file, and never doubled: the same content counts as unchanged, another is left out and said so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from store.domain.errors import InvalidValue
from store.domain.ids import DocId, Kind, kind_of, parse_doc_id
from store.interchange.front_matter import (
    FrontMatter,
    moment_ms,
    with_front_matter,
    without_keys,
    words_of,
)
from store.rows import NoteRow, TaskRow

# Front matter keys by field, in the order in which an export writes them.
TASK_KEYS: Final = ("due", "priority", "list", "assignee", "parent", "repeat")
NOTE_KEYS: Final = ("pinned",)
OWN_KEYS: Final = frozenset(
    {"id", "kind", "title", "state", "tags", "created", "updated", *TASK_KEYS, *NOTE_KEYS}
)


@dataclass(frozen=True, slots=True)
class OwnItem:
    """What a file of our own export says.

    Attributes:
        fields: scalars beside the title, unchecked; what was empty is left out.
        state: of a task, None for a note.
    """

    id: DocId
    kind: Kind
    title: str
    body: str
    tags: tuple[str, ...]
    fields: Mapping[str, object]
    state: str | None
    at_ms: int | None
    is_trashed: bool = False

    def is_same_as(self, row: TaskRow | NoteRow) -> bool:
        """True if the item says what the file says."""
        said = (self.title, self.body, self.tags)
        if (row.title, row.body, tuple(sorted(row.tags))) != said:
            return False
        if isinstance(row, NoteRow):
            return row.pinned == bool(self.fields.get("pinned"))
        return row.state == self.state and all(
            getattr(row, key) == self.fields.get(key) for key in TASK_KEYS
        )


def read_own(front: FrontMatter) -> OwnItem | None:
    """Recognise a file of our own export by its front matter; None for any other file.

    An export ends the text with one line break of its own, and writes front matter that stands
    above it among its own keys.
    """
    values = front.values
    try:
        doc = parse_doc_id(str(values.get("id", "")))
    except InvalidValue:
        return None
    kind = kind_of(doc)
    if values.get("kind") != kind:
        return None
    keys = TASK_KEYS if kind == "task" else NOTE_KEYS
    return OwnItem(
        id=doc,
        kind=kind,
        title=str(values.get("title", "")),
        body=with_front_matter(without_keys(front.yaml, OWN_KEYS), front.body.removesuffix("\n")),
        tags=tuple(sorted(words_of(values.get("tags"))[0])),
        fields={key: _plain(key, values[key]) for key in keys if key in values},
        state=str(values.get("state", "open")) if kind == "task" else None,
        at_ms=moment_ms(values.get("created")),
    )


def _plain(key: str, value: object) -> object:
    return value == "true" if key in NOTE_KEYS else value
