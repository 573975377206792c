"""One task: what it says, what happened to it, and what may happen next."""

from collections.abc import Callable
from typing import Any, Final

import flet as ft

from app.ui.asking import ask_line
from app.ui.components.choice import option_text
from app.ui.components.controls import heading, icon_button, keyed, quiet
from app.ui.components.saved_field import SavedField
from app.ui.session import Session
from app.ui.use_query import there, use_answer
from app.ui.views.due_field import due_field
from app.ui.views.item_conflicts import ItemConflicts
from app.ui.views.item_fields import KEPT_BOTH, SpaceAndMark, TagsField, field_saver
from app.ui.views.item_links import ItemLinks
from app.ui.views.panes import gone
from app.ui.views.subtasks import PartOf, Subtasks
from app.ui.views.task_supplies import TaskSupplies
from app.ui.views.text_pane import TextPane
from app.ui.views.versions import Versions
from app.ui.views.whereabouts import Whereabouts
from app.ui.words import event_words, repeat_typed
from store.commands.patches import Patch
from store.domain.fields import PRIORITIES
from store.domain.ids import DocId
from store.domain.lifecycle import AIMS, TRANSITIONS
from store.domain.recurrence import parse_rule
from store.rows import TaskRow

_BUTTONS: Final = {
    "start": ("Start", ft.Icons.PLAY_ARROW),
    "block": ("Block", ft.Icons.BLOCK),
    "done": ("Done", ft.Icons.CHECK),
    "cancel": ("Cancel task", ft.Icons.CLOSE),
    "reopen": ("Reopen", ft.Icons.REPLAY),
}
_NONE: Final = "none"


@ft.component
def TaskDetail(session: Session, doc: DocId) -> ft.Control:  # noqa: N802
    """Draw the page of a task."""
    answer = use_answer(
        session,
        there(lambda replica: replica.task(doc)),
        on=("items", "conflicts", "sync"),
        given=(doc,),
    )
    row = answer.value
    if row is None:
        return gone(answer, "This task is gone: it was deleted for good.")
    return ft.ListView(
        controls=[
            # Never beside the text's box, as in a note's page.
            ft.Column(
                [_top(session, row), ItemConflicts(session, row.conflicts)],
                spacing=14,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            ),
            *_fields(session, row),
            TaskSupplies(session, row.id, row.space),
            keyed(
                TextPane,
                f"text-{row.trashed}",
                session,
                doc,
                "Anything else there is to say",
                row.trashed,
                None,
            ),
            ItemLinks(session, doc),
            keyed(Subtasks, "subtasks", session, row),
            heading("What happened", level=2),
            *_events(session, row),
            keyed(Versions, "versions", session, doc, not row.trashed),
        ],
        padding=20,
        spacing=14,
        expand=True,
    )


def _top(session: Session, row: TaskRow) -> ft.Control:
    return ft.Column(
        [
            SpaceAndMark(row.space, row.sync, row.state),
            Whereabouts(session, DocId(row.id)),
            ft.Row(
                [_trash_button(session, row)]
                if row.trashed
                else [
                    *(_event_button(session, row, act) for act in allowed_acts(row.state)),
                    _trash_button(session, row),
                ],
                wrap=True,
                spacing=8,
            ),
        ],
        spacing=10,
    )


def allowed_acts(state: str) -> list[str]:
    """List the lifecycle commands that a state allows, in the order of the buttons."""
    return [act for act in _BUTTONS if AIMS[act] in TRANSITIONS.get(state, frozenset())]


def _event_button(session: Session, row: TaskRow, act: str) -> ft.Control:
    name, icon = _BUTTONS[act]

    async def happen() -> None:
        reason = None
        if act == "block":
            reason = await ask_line(
                session,
                "What keeps it from going on?",
                "Reason",
                hint="may be left empty",
                button="Block",
            )
            if reason is None:
                return
        await session.act(
            lambda replica: replica.transition(DocId(row.id), act, reason=reason or None)
        )

    make = ft.FilledTonalButton if act == "done" else ft.OutlinedButton
    return make(name, icon=icon, on_click=session.handler(happen))


def _trash_button(session: Session, row: TaskRow) -> ft.Control:
    async def happen() -> None:
        doc = DocId(row.id)
        await session.act(
            lambda replica: replica.restore(doc) if row.trashed else replica.trash(doc)
        )

    if row.trashed:
        return ft.FilledTonalButton(
            "Take out of the trash",
            icon=ft.Icons.RESTORE_FROM_TRASH,
            on_click=session.handler(happen),
        )
    return icon_button(ft.Icons.DELETE_OUTLINE, "Put in the trash", session.handler(happen))


def _fields(session: Session, row: TaskRow) -> list[ft.Control]:
    def field(
        label: str,
        key: str,
        read: Callable[[str], object],
        hint: str = "",
        shown: Callable[[Any], str] = lambda value: value or "",
    ) -> ft.Control:
        return keyed(
            SavedField,
            key,
            label,
            shown(getattr(row, key)),
            field_saver(session, DocId(row.id), key, read=read, shown=shown),
            session,
            meanwhile=KEPT_BOTH,
            hint=hint or None,
            expand=True,
            read_only=row.trashed,
        )

    return [
        PartOf(session, row.parent),
        field("Title", "title", lambda text: text),
        ft.Row(
            [
                due_field(session, row),
                _priority(session, row),
            ],
            spacing=10,
        ),
        ft.Row(
            [
                field("List", "list", _or_none),
                field("Assignee", "assignee", _or_none),
            ],
            spacing=10,
        ),
        ft.Row(
            [
                TagsField(session, DocId(row.id), row.tags, row.trashed),
                field(
                    "Repeat",
                    "repeat",
                    lambda text: parse_rule(text) if text.strip() else None,
                    "every week",
                    repeat_typed,
                ),
            ],
            spacing=10,
        ),
    ]


def _or_none(text: str) -> str | None:
    return text.strip() or None


def _priority(session: Session, row: TaskRow) -> ft.Control:
    async def chosen(event: Any) -> None:
        value = event.control.value
        patch = Patch(fields={"priority": None if value == _NONE else value})
        await session.act(lambda replica: replica.edit(DocId(row.id), patch))

    return ft.DropdownM2(
        label="Priority",
        value=row.priority or _NONE,
        options=[
            ft.dropdownm2.Option(each, each, content=option_text(each))
            for each in (_NONE, *PRIORITIES)
        ],
        dense=True,
        expand=True,
        disabled=row.trashed,
        on_change=session.event_handler(chosen),
    )


def _events(session: Session, row: TaskRow) -> list[ft.Control]:
    if not row.events:
        return [quiet("Nothing yet: it was written down, no more.")]
    now = session.now()
    return [quiet(event_words(event, now)) for event in reversed(row.events)]
