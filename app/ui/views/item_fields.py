"""What tasks and notes have in common on their pages: tags, and where they stand."""

from collections.abc import Callable
from typing import Any, Final

import flet as ft

from app.ui.components.controls import keyed, quiet
from app.ui.components.marks import sync_mark
from app.ui.components.saved_field import Saved, SavedField, Seen
from app.ui.session import Session
from app.ui.words import MARK_WORDS
from store.commands.patches import Patch
from store.domain.ids import DocId
from store.replica import Replica
from store.rows import SyncMark

KEPT_BOTH: Final = "both are kept, for you to settle"
_TAGS_MERGE: Final = "what you add and take off is done to it"


def _as_it_is(value: Any) -> str:
    return value or ""


async def save_field(
    session: Session,
    doc: DocId,
    key: str,
    read: Callable[[], object],
    seen: Seen | None = None,
    *,
    shown: Callable[[Any], str] = _as_it_is,
) -> Saved | None:
    """Save one field of a task or note.

    Args:
        session: the tab.
        doc: the item.
        key: the field.
        read: gives its value; may refuse what was typed.
        seen: changes that whoever typed it had seen; None for one that was chosen on sight.
        shown: writes a value as the field shows it.
    """

    def write(replica: Replica) -> Saved:
        value, before = read(), getattr(replica.item(doc), key)
        wrote = replica.edit(doc, Patch(fields={key: value}, fields_base=seen))
        after = getattr(replica.item(doc), key)
        return Saved(wrote, shown(after), has_moved=after != before)

    return await session.act(write)


def TagsField(  # noqa: N802 - drawn like a component
    session: Session, doc: DocId, tags: tuple[str, ...], read_only: bool
) -> ft.Control:
    """Draw the tags as one line; what is added and taken away there is saved as such."""

    async def save(text: str, seen: Seen) -> Saved | None:
        wanted = split_tags(text)

        def write(replica: Replica) -> Saved:
            before = replica.item(doc).tags
            replica.edit(
                doc,
                Patch(
                    add_tags=tuple(tag for tag in wanted if tag not in seen),
                    remove_tags=tuple(tag for tag in seen if tag not in wanted),
                ),
            )
            after = replica.item(doc).tags
            return Saved(wanted, ", ".join(after), has_moved=after != before)

        return await session.act(write)

    return keyed(
        SavedField,
        "tags",
        "Tags",
        ", ".join(tags),
        save,
        session,
        seen=tags,
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
