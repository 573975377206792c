"""The text box of a note or task: saved while one types, changed in place by what others write."""

from typing import Any

import flet as ft

from app.ui.components.field_focus import use_focus
from app.ui.open_text import OpenText, Push
from app.ui.session import Session
from store.domain.ids import DocId

_NOT_LOADED = Push(0, "", None)
_NO_CARET = (0, 0)


@ft.component
def LiveText(  # noqa: N802 - components are named as what they draw
    session: Session, doc: DocId, label: str, hint: str, read_only: bool, fills: bool
) -> ft.Control:
    """Draw the box; give it a key of its own for each item.

    Args:
        session: the tab.
        doc: the item.
        label: the name of the box.
        hint: shown while it is empty.
        read_only: whether nobody may type here.
        fills: whether it takes all the height there is.
    """
    push, show = ft.use_state(_NOT_LOADED)
    caret, put_caret = ft.use_state(_NO_CARET)
    control = ft.use_memo(lambda: ft.Ref[ft.TextField](), [])
    drawn = ft.use_memo(lambda: [0], [])
    focused = use_focus(session.typing_in)
    opened = ft.use_memo(
        lambda: OpenText(session.new_tag(), doc, session.core.drafts, show, session.complain), []
    )

    async def follow() -> None:
        with session.changes.heard("items", doc=doc, but=opened.box) as moved:
            await session.guarded(opened.serve(moved))

    async def close() -> None:
        await session.guarded(opened.close())

    def move_caret() -> None:
        # With a new text the page puts the caret at its end; only a second message moves it.
        if push.caret is not None:
            put_caret((push.number, push.caret))

    def left(_: Any) -> None:
        opened.caret = None
        focused(False)

    ft.use_effect(follow, [], cleanup=close)
    ft.use_effect(move_caret, [push.number])
    if push is _NOT_LOADED:
        return ft.Container(expand=fills)
    there = control.current
    is_new = there is None or drawn[0] != push.number
    drawn[0] = push.number
    return ft.TextField(
        ref=control,
        # The page owns the text: what is drawn anew for another reason keeps what the page has.
        value=push.text if there is None or is_new else there.value,
        selection=_selection(caret) if caret[0] == push.number and not is_new else None,
        label=label,
        hint_text=hint,
        multiline=True,
        min_lines=None if fills else 4,
        max_lines=None if fills else 16,
        fit_parent_size=fills,
        expand=fills,
        text_vertical_align=ft.VerticalAlignment.START,
        align_label_with_hint=True,
        read_only=read_only,
        on_change=lambda event: opened.typed(event.data),
        on_selection_change=lambda event: opened.selected(event.selection.extent_offset),
        on_focus=lambda _: focused(True),
        on_blur=left,
    )


def _selection(caret: tuple[int, int]) -> ft.TextSelection:
    return ft.TextSelection(base_offset=caret[1], extent_offset=caret[1])
