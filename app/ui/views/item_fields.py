"""What tasks and notes have in common on their pages: tags, and where they stand."""

from collections.abc import Callable
from typing import Final

import flet as ft

from app.ui.components.controls import keyed, quiet
from app.ui.components.marks import sync_mark
from app.ui.components.saved_field import SavedField
from app.ui.session import Session
from app.ui.words import MARK_WORDS
from store.commands.patches import Patch
from store.domain.errors import InvalidValue
from store.domain.ids import DocId
from store.replica import Replica
from store.rows import SyncMark

KEPT_BOTH: Final = "both are kept, for you to settle"
_TAGS_MERGE: Final = "what you add and take off is done to it"


async def save_field(
    session: Session,
    doc: DocId,
    key: str,
    read: Callable[[str], object],
    text: str,
    was: str,
) -> bool:
    """Save what was typed into one field of a task or note.

    Args:
        session: the tab.
        doc: the item.
        key: the field.
        read: gives the value of a text; may refuse it.
        text: what was typed.
        was: what stood there as one began.
    """

    def write(replica: Replica) -> bool:
        before = getattr(replica.item(doc), key)
        replica.edit(doc, Patch(fields={key: read(text)}, was=_value(key, read, was)))
        return bool(getattr(replica.item(doc), key) != before)

    return bool(await session.act(write))


def _value(key: str, read: Callable[[str], object], was: str) -> dict[str, object]:
    """What stood there, as a value; nothing where it is none by the rules of today."""
    try:
        return {key: read(was)}
    except InvalidValue:
        return {}


def TagsField(  # noqa: N802 - drawn like a component
    session: Session, doc: DocId, tags: tuple[str, ...], read_only: bool
) -> ft.Control:
    """Draw the tags as one line; what is added and taken away there is saved as such."""

    async def save(text: str, was: str) -> bool:
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

        return bool(await session.act(write))

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
