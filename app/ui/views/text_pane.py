"""A text to write and to read: the box, how it reads, links to put in, what came from others."""

from typing import Any, Final, Literal, cast

import flet as ft

from app.ui.components.controls import icon_button
from app.ui.open_text import News
from app.ui.session import Session
from app.ui.view_model import Layout
from app.ui.views.held_text import HeldText
from app.ui.views.link_picker import pick_link
from app.ui.views.live_text import LiveBox, drawn_mark, live_text, use_live_box
from app.ui.views.news_line import NewsLine
from app.ui.views.preview import Preview
from store.domain.ids import DocId

Mode = Literal["write", "both", "read"]

_NAMES: Final[dict[Mode, str]] = {"write": "Write", "both": "Both", "read": "Preview"}
_OWN_ACT_S: Final = 1.0  # what comes so soon after an act of this tab is what it did itself


@ft.component
def TextPane(  # noqa: N802 - components are named as what they draw
    session: Session, doc: DocId, hint: str, read_only: bool, layout: Layout | None
) -> ft.Control:
    """Draw it; give it a key of its own for each item.

    Args:
        session: the tab.
        doc: the item.
        hint: shown while nothing is written.
        read_only: whether nobody may write here.
        layout: how wide the page is, for a text that takes all the height there is; None for one
            among other things, which is as high as it needs.
    """
    news, put_news = ft.use_state(cast(tuple[News, ...], ()))
    mode, set_mode = ft.use_state(_first_mode(session, layout))

    def came(fresh: News) -> None:
        is_own = {*fresh.writers} <= {fresh.own}
        if not (is_own and session.acted_s_ago() < _OWN_ACT_S):
            put_news(lambda before: (*before, fresh))

    box = use_live_box(session, doc, came)
    if not box.is_loaded:
        return ft.Container(expand=layout is not None)
    modes: tuple[Mode, ...] = ("write", "both", "read")
    if layout is None or not layout.wide:
        modes = ("write", "read")
    shown = mode if mode in modes else "write"

    def chosen(event: Any) -> None:
        picked = event.control.selected[0]
        set_mode(picked)
        if layout is not None:
            session.model.note_mode = picked

    fills = layout is not None
    written = live_text(box, label="Text", hint=hint, read_only=read_only, fills=fills)
    preview = Preview(session, box.opened, fills, read_only)
    return ft.Column(
        [
            _tools(session, box, shown, modes, chosen, read_only=read_only),
            HeldText(session, doc),
            NewsLine(session, box, news, lambda: put_news(())),
            _body(shown, written, preview, fills=fills),
        ],
        spacing=8,
        expand=fills,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _first_mode(session: Session, layout: Layout | None) -> Mode:
    if layout is None:
        return "write"
    kept = session.model.note_mode
    if kept in _NAMES:
        return kept
    return "both" if layout.roomy else "write"


def _body(mode: Mode, written: ft.TextField, preview: ft.Control, *, fills: bool) -> ft.Control:
    if mode == "write":
        return written
    if mode == "read":
        return preview
    return ft.Row(
        [
            ft.Container(written, expand=True),
            ft.VerticalDivider(width=1),
            ft.Container(preview, expand=True, padding=ft.Padding.only(top=8)),
        ],
        expand=fills,
        spacing=12,
        vertical_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _tools(
    session: Session,
    box: LiveBox,
    mode: Mode,
    modes: tuple[Mode, ...],
    chosen: Any,
    *,
    read_only: bool,
) -> ft.Control:
    async def link() -> None:
        words = await pick_link(session, but=box.opened.doc)
        if words is not None:
            text, selection = box.opened.text, box.opened.selection
            start, end = sorted(selection) if selection is not None else (len(text),) * 2
            box.opened.replace(text[:start] + words + text[end:])

    return ft.Row(
        [
            ft.SegmentedButton(
                segments=[ft.Segment(value=each, label=_NAMES[each]) for each in modes],
                selected=[mode],
                show_selected_icon=False,
                on_change=chosen,
            ),
            ft.Container(drawn_mark(box), expand=True, alignment=ft.Alignment.CENTER_LEFT),
            icon_button(
                ft.Icons.ADD_LINK,
                "Link to a task or note",
                session.handler(link),
                disabled=read_only or mode == "read",
            ),
        ]
    )
