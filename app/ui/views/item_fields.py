"""What tasks and notes have in common on their pages: saving fields, tags, and where they stand."""

from collections.abc import Callable
from typing import Any, Final

import flet as ft

from app.ui.components.controls import keyed, quiet
from app.ui.components.marks import sync_mark
from app.ui.components.saved_field import Save, SavedField
from app.ui.session import Session
from app.ui.words import MARK_WORDS
from store.commands.patches import Patch
from store.domain.errors import InvalidValue
from store.domain.ids import DocId
from store.replica import Replica
from store.rows import SyncMark

KEPT_BOTH: Final = "both are kept, for you to settle"
_TAGS_MERGE: Final = "what you add and take off is done to it"


def field_saver(
    session: Session,
    doc: DocId,
    key: str,
    *,
    read: Callable[[str], object] = str,
    shown: Callable[[Any], str] = lambda value: value or "",
) -> Save:
    """Make what saves one field of a task or note.

    Args:
        session: the tab.
        doc: the item.
        key: the field.
        read: gives the value of a text; may refuse it.
        shown: gives the text of a value.
    """

    async def save(text: str, was: str) -> bool | None:
        def is_seen(value: object) -> bool:
            if shown(value).strip() == was.strip():
                return True
            try:  # one's own words, which are not drawn as they are shown yet
                return read(was) == value
            except InvalidValue:
                return False

        def write(replica: Replica) -> bool:
            before = getattr(replica.item(doc), key)
            replica.edit(doc, Patch(fields={key: read(text)}, was={key: is_seen}))
            return bool(getattr(replica.item(doc), key) != before)

        return await session.act(write)

    return save


def TagsField(  # noqa: N802 - drawn like a component
    session: Session, doc: DocId, tags: tuple[str, ...], read_only: bool
) -> ft.Control:
    """Draw the tags as one line; what is added and taken away there is saved as such."""

    async def save(text: str, was: str) -> bool | None:
        wanted, had = split_tags(text), split_tags(was)

        def write(replica: Replica) -> bool:
            before = replica.item(doc).tags
            replica.edit(
                doc,
                Patch(
                    add_tags=tuple(tag for tag in wanted if tag not in had),
                    remove_tags=tuple(tag for tag in had if tag not in wanted),
                ),
            )
            return replica.item(doc).tags != before

        return await session.act(write)

    return keyed(
        SavedField,
        "tags",
        "Tags",
        ", ".join(tags),
        save,
        session,
        meanwhile=_TAGS_MERGE,
        hint="climb, food",
        expand=True,
        read_only=read_only,
    )


def split_tags(text: str) -> tuple[str, ...]:
    """Read a line of tags, parted by commas, with or without `#`."""
    found = (part.strip().lstrip("#").strip() for part in text.split(","))
    return tuple(dict.fromkeys(tag for tag in found if tag))


def SpaceAndMark(space: str, mark: SyncMark, state: str) -> ft.Control:  # noqa: N802
    """Say in which space the item is, how it stands with sync, and in which state it is."""
    words = " · ".join(part for part in (space, state, MARK_WORDS[mark]) if part)
    sign = ft.Semantics(exclude_semantics=True, content=sync_mark(mark))
    return ft.Row([sign, ft.Container(quiet(words, lines_max=1), expand=True)], spacing=8)
