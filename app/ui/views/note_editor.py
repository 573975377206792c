"""One note, to read and to write."""

from typing import Final

import flet as ft

from app.ui.components.controls import icon_button, keyed
from app.ui.components.saved_field import SavedField
from app.ui.session import Session
from app.ui.use_query import there, use_answer
from app.ui.views.item_conflicts import ItemConflicts
from app.ui.views.item_fields import KEPT_BOTH, SpaceAndMark, TagsField, field_saver
from app.ui.views.item_links import ItemLinks
from app.ui.views.panes import gone
from app.ui.views.text_pane import TextPane
from app.ui.views.versions import Versions
from app.ui.views.whereabouts import Whereabouts
from store.commands.patches import Patch
from store.domain.ids import DocId
from store.rows import NoteRow

_ABOUT_PX: Final = 190
_ROOMY_PX: Final = 680  # of the page's height, with what is said about a note below its text


@ft.component
def NoteEditor(session: Session, doc: DocId) -> ft.Control:  # noqa: N802
    """Draw the page of a note."""
    answer = use_answer(
        session,
        there(lambda replica: replica.note(doc)),
        on=("items", "conflicts", "sync"),
        given=(doc,),
    )
    row = answer.value
    if row is None:
        return gone(answer, "This note is gone: it was deleted for good.")

    title = keyed(
        SavedField,
        "title",
        "Title",
        row.title,
        field_saver(session, doc, "title"),
        session,
        meanwhile=KEPT_BOTH,
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
        padding=ft.Padding.only(left=20, right=20, top=12, bottom=8),
        expand=True,
        content=ft.Column(
            [
                # What appears or goes draws anew what stands beside it: never the text's box, in
                # which the page would put the caret back.
                ft.Column(
                    [
                        ft.Row([title, *_buttons(session, row)]),
                        ItemConflicts(session, row.conflicts),
                    ],
                    spacing=12,
                    horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                ),
                text,
                keyed(About, "about", session, row),
            ],
            expand=True,
            spacing=12,
        ),
    )


@ft.component
def About(session: Session, row: NoteRow) -> ft.Control:  # noqa: N802
    """Draw what there is to say about a note; folded away on a low page, which is for its text."""
    page = session.page
    has_room = session.model.layout.wide and (page.height or _ROOMY_PX) >= _ROOMY_PX
    is_open, set_open = ft.use_state(has_room)
    doc = DocId(row.id)

    async def toggle() -> None:
        set_open(not is_open)

    line = ft.Row(
        [
            ft.Container(SpaceAndMark(row.space, row.sync, _tag_words(row.tags)), expand=True),
            ft.TextButton(
                "Less" if is_open else "About this note",
                icon=ft.Icons.EXPAND_MORE if is_open else ft.Icons.EXPAND_LESS,
                on_click=session.handler(toggle),
            ),
        ]
    )
    if not is_open:
        return line
    more = ft.ListView(
        [
            ItemLinks(session, doc),
            ft.Row([TagsField(session, doc, row.tags, row.trashed)]),
            Whereabouts(session, doc),
            keyed(Versions, "versions", session, doc, not row.trashed),
        ],
        spacing=8,
        height=_ABOUT_PX,
        padding=ft.Padding.only(top=6),
    )
    return ft.Column([line, more], spacing=0)


def _tag_words(tags: tuple[str, ...]) -> str:
    return " ".join(f"#{tag}" for tag in tags)


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
