"""What can be done with several tasks at once; each is one act, taken back as one."""

from collections.abc import Callable
from typing import Any, Final

import flet as ft

from app.ui.asking import ask_line
from app.ui.components.controls import icon_button
from app.ui.session import Session
from app.ui.view_model import Selection
from app.ui.words import counted
from store.commands.patches import Patch
from store.domain.due_date import parse_due
from store.domain.fields import PRIORITIES
from store.domain.ids import DocId
from store.replica import Replica

_NONE: Final = "none"


@ft.component
def SelectionBar(session: Session, selection: Selection, in_trash: bool) -> ft.Control:  # noqa: N802
    """Draw it; nothing while no tasks are being chosen."""
    acts = _Acts(session, selection)
    handler = session.handler
    buttons: list[ft.Control]
    if in_trash:
        buttons = [
            icon_button(ft.Icons.RESTORE_FROM_TRASH, "Take out of the trash", handler(acts.restore))
        ]
    else:
        buttons = [
            icon_button(ft.Icons.CHECK, "Done", handler(acts.finish)),
            icon_button(ft.Icons.CALENDAR_TODAY, "Due date", handler(acts.due)),
            icon_button(ft.Icons.FLAG_OUTLINED, "Priority", handler(acts.priority)),
            icon_button(ft.Icons.LIST, "Move to a list", handler(acts.move)),
            icon_button(ft.Icons.TAG, "Add a tag", handler(acts.tag)),
            icon_button(ft.Icons.PERSON_OUTLINE, "Assign", handler(acts.assign)),
            icon_button(ft.Icons.DELETE_OUTLINE, "Put in the trash", handler(acts.trash)),
        ]

    async def close() -> None:
        selection.clear()

    async def choose_all() -> None:
        selection.ids = session.model.listed

    return ft.Container(
        visible=selection.on,
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
        border_radius=12,
        margin=ft.Margin.symmetric(horizontal=12),
        padding=ft.Padding.only(left=4, right=4),
        content=ft.Row(
            [
                icon_button(ft.Icons.CLOSE, "Choose nothing", handler(close)),
                ft.Text(str(len(selection.ids)), semantics_label=f"{len(selection.ids)} chosen"),
                icon_button(ft.Icons.SELECT_ALL, "Choose all", handler(choose_all)),
                *buttons,
            ],
            wrap=True,
            spacing=0,
            run_spacing=0,
        ),
    )


class _Acts:
    """The acts on what is chosen."""

    def __init__(self, session: Session, selection: Selection) -> None:
        self._session = session
        self._selection = selection

    async def finish(self) -> None:
        def do(replica: Replica, docs: list[DocId]) -> None:
            over = ("done", "cancelled")
            open_ones = [doc for doc in docs if replica.task(doc).state not in over]
            replica.transition_all(open_ones, "done")

        await self._do(do, "Done")

    async def trash(self) -> None:
        await self._do(lambda replica, docs: replica.trash_all(docs), "In the trash")

    async def restore(self) -> None:
        await self._do(lambda replica, docs: replica.restore_all(docs), "Taken out of the trash")

    async def due(self) -> None:
        now = self._session.now()
        await self._ask(
            "When are they due?",
            "Due",
            lambda text: Patch(fields={"due": parse_due(text, now=now)}),
            names=("today", "tomorrow", "next week", _NONE),
        )

    async def priority(self) -> None:
        await self._ask(
            "How important are they?",
            "Priority",
            lambda text: Patch(fields={"priority": _or_none(text.lower())}),
            names=(*PRIORITIES, _NONE),
        )

    async def move(self) -> None:
        names = await self._session.read(lambda replica: replica.list_names()) or []
        await self._ask(
            "Into which list?",
            "List",
            lambda text: Patch(fields={"list": _or_none(text), "parent": None}),
            names=(*names, _NONE),
        )

    async def tag(self) -> None:
        names = await self._session.read(lambda replica: replica.tag_names()) or []
        await self._ask("Which tag?", "Tag", lambda text: Patch(add_tags=(text,)), names=names)

    async def assign(self) -> None:
        await self._ask(
            "Who does them?",
            "Person",
            lambda text: Patch(fields={"assignee": _or_none(text)}),
            names=(_NONE,),
        )

    async def _ask(
        self, title: str, label: str, patch_of: Callable[[str], Patch], *, names: Any
    ) -> None:
        said = await ask_line(self._session, title, label, names=names)
        if said is not None and said.strip():
            patch = patch_of(said.strip())
            await self._do(lambda replica, docs: replica.edit_all(docs, patch), "Changed")

    async def _do(self, do: Callable[[Replica, list[DocId]], Any], said: str) -> None:
        docs = [DocId(task) for task in self._selection.ids]
        if not docs:
            self._session.say("Choose some tasks first.")
            return

        def act(replica: Replica) -> bool:
            do(replica, docs)
            return True

        if await self._session.act(act, said=f"{said}: {counted(len(docs), 'task')}"):
            self._selection.clear()


def _or_none(text: str) -> str | None:
    return None if text.lower() == _NONE else text
