"""One note, to read and to write."""

from typing import Final

import flet as ft

from app.ui.components.controls import icon_button, keyed
from app.ui.components.saved_field import SavedField
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.views.item_conflicts import ItemConflicts
from app.ui.views.item_fields import SpaceAndMark, TagsField
from app.ui.views.item_links import ItemLinks
from app.ui.views.text_pane import TextPane
from app.ui.views.versions import Versions
from app.ui.views.whereabouts import Whereabouts
from store.commands.patches import Patch
from store.domain.ids import DocId
from store.replica import Replica
from store.rows import NoteRow

_VERSIONS_PX: Final = 240


@ft.component
def NoteEditor(session: Session, doc: DocId) -> ft.Control:  # noqa: N802
    """Draw the page of a note."""
    row = use_query(
        session,
        lambda replica: replica.note(doc),
        on=("items", "conflicts", "sync"),
        given=(doc,),
    )
    if row is None:
        return ft.Container()

    async def save_title(text: str) -> bool:
        def write(replica: Replica) -> bool:
            replica.edit(doc, Patch(fields={"title": text}))
            return True

        return bool(await session.act(write))

    title = keyed(
        SavedField,
        "title",
        "Title",
        row.title,
        save_title,
        session.typing_in,
        expand=True,
        read_only=row.trashed,
    )
    text = keyed(
        TextPane,
        f"text-{row.trashed}",
        session,
        doc,
        "Write here",
        row.trashed,
        session.model.layout,
    )
    return ft.Container(
        padding=20,
        expand=True,
        content=ft.Column(
            [
                ft.Row([title, *_buttons(session, row)]),
                ItemConflicts(session, row.conflicts),
                text,
                ItemLinks(session, doc),
                ft.Row([TagsField(session, doc, row.tags, row.trashed)]),
                SpaceAndMark(row.space, row.sync, ""),
                Whereabouts(session, doc),
                keyed(Versions, "versions", session, doc, not row.trashed, _VERSIONS_PX),
            ],
            expand=True,
            spacing=12,
        ),
    )


def _buttons(session: Session, row: NoteRow) -> list[ft.Control]:
    doc = DocId(row.id)

    async def pin() -> None:
        patch = Patch(fields={"pinned": not row.pinned})
        await session.act(lambda replica: replica.edit(doc, patch))

    async def trash() -> None:
        await session.act(lambda replica: replica.trash(doc))

    async def restore() -> None:
        await session.act(lambda replica: replica.restore(doc))

    if row.trashed:
        return [
            ft.FilledTonalButton(
                "Take out of the trash",
                icon=ft.Icons.RESTORE_FROM_TRASH,
                on_click=session.handler(restore),
            )
        ]
    pin_name, pin_icon = (
        ("Unpin", ft.Icons.PUSH_PIN) if row.pinned else ("Pin", ft.Icons.PUSH_PIN_OUTLINED)
    )
    return [
        icon_button(pin_icon, pin_name, session.handler(pin)),
        icon_button(ft.Icons.DELETE_OUTLINE, "Put in the trash", session.handler(trash)),
    ]
