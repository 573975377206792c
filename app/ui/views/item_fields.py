"""What tasks and notes have in common on their pages: tags, and where they stand."""

import flet as ft

from app.ui.components.controls import keyed, quiet
from app.ui.components.marks import sync_mark
from app.ui.components.saved_field import SavedField
from app.ui.session import Session
from app.ui.words import MARK_WORDS
from store.commands.patches import Patch
from store.domain.ids import DocId
from store.replica import Replica
from store.rows import SyncMark


def TagsField(  # noqa: N802 - drawn like a component
    session: Session, doc: DocId, tags: tuple[str, ...], read_only: bool
) -> ft.Control:
    """Draw the tags as one line; what is added and taken away there is saved as such."""

    async def save(text: str) -> bool:
        wanted = split_tags(text)

        def write(replica: Replica) -> bool:
            replica.edit(
                doc,
                Patch(
                    add_tags=tuple(tag for tag in wanted if tag not in tags),
                    remove_tags=tuple(tag for tag in tags if tag not in wanted),
                ),
            )
            return True

        return bool(await session.act(write))

    return keyed(
        SavedField,
        "tags",
        "Tags",
        ", ".join(tags),
        save,
        session,
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
