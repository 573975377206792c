"""The text box of a note or task: saved while one types, changed in place by what others write.

With a new text the page puts the caret at the text's end, and then tells that, which overwrites
where we wanted it; so a text is pushed with its selection and without the handler that would tell.
The handler comes back once the page has drawn the text. The page says so by an invisible mark that
is made another size with every push, as it tells the size of what it has drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import flet as ft

from app.ui.components.field_focus import use_focus
from app.ui.direction import is_from_right
from app.ui.open_text import Ears, News, OpenText
from app.ui.page_text import BEATS, LetGo, Push
from app.ui.session import Session
from app.ui.text_moves import Selection
from store.domain.ids import DocId

_NOT_LOADED: Final = Push(0, "", None)


@dataclass
class _Drawn:
    """What was drawn last: which push, and which letting go."""

    push: int = 0
    let_go: int = 0
    control: ft.Ref[ft.TextField] = field(default_factory=ft.Ref)
    # As the text was read when it was opened: a box that is turned round loses the keyboard.
    from_right: bool | None = None


@dataclass(frozen=True)
class LiveBox:
    """An open text and what its box shall show; made by `use_live_box`."""

    opened: OpenText
    push: Push
    let_go: LetGo
    drawn: _Drawn
    focused: Callable[[bool], None]

    async def select(self, selection: Selection) -> None:
        """Give the box the keyboard and select something, in code points of the text as it is."""
        control = self.drawn.control.current
        if control is not None:
            await control.focus()  # type: ignore[no-untyped-call]
            self.opened.select(selection)

    @property
    def is_loaded(self) -> bool:
        """Whether there is a text to draw."""
        return self.push is not _NOT_LOADED


def use_live_box(session: Session, doc: DocId, news: Callable[[News], None]) -> LiveBox:
    """Open an item's text for as long as the part is shown; a hook.

    Args:
        session: the tab.
        doc: the item.
        news: told what came from elsewhere.
    """
    push, show = ft.use_state(_NOT_LOADED)
    let_go, put_let_go = ft.use_state(LetGo())
    drawn = ft.use_memo(_Drawn, [])
    opened = ft.use_memo(
        lambda: OpenText(
            session.new_tag(),
            doc,
            session.core.drafts,
            Ears(show, put_let_go, news, session.complain),
        ),
        [],
    )

    opened.moves = lambda: session.hearing.moves

    def told(has: bool) -> None:
        opened.has_keyboard = has
        session.typing_in(has)

    focused = use_focus(told)

    async def follow() -> None:
        with (
            session.working(),
            session.changes.heard("items", doc=doc, but=opened.box) as moved,
        ):
            await session.guarded(opened.serve(moved))

    async def close() -> None:
        await session.guarded(opened.end())

    ft.use_effect(follow, [], cleanup=close)
    return LiveBox(opened, push, let_go, drawn, focused)


def live_text(
    box: LiveBox,
    *,
    label: str,
    hint: str,
    read_only: bool,
    fills: bool,
) -> ft.TextField:
    """Draw the box.

    Args:
        box: what it shows.
        label: its name.
        hint: shown while it is empty.
        read_only: whether nobody may type here.
        fills: whether it takes all the height there is.
    """
    opened, push, let_go, drawn = box.opened, box.push, box.let_go, box.drawn
    there = drawn.control.current
    is_new = there is None or drawn.push != push.number
    is_held = push.selection is not None and let_go.number != push.number
    is_let_go = drawn.let_go != let_go.number and not is_held
    drawn.push, drawn.let_go = push.number, let_go.number
    # The page owns the text: what is drawn anew for another reason keeps what the page has.
    text, selection = ("", None) if there is None else (there.value, there.selection)
    if is_new:
        text, sent = opened.draw()
        selection = _selection(sent, selection) if is_held else None
    elif not is_held:
        selection = _selection(let_go.selection, selection) if is_let_go else None

    if drawn.from_right is None:
        drawn.from_right = is_from_right(text)

    def selected(event: Any) -> None:
        opened.selected(event.selection.base_offset, event.selection.extent_offset)

    return ft.TextField(
        ref=drawn.control,
        value=text,
        rtl=drawn.from_right,
        selection=selection,
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
        on_selection_change=None if is_held else selected,
        on_focus=lambda _: box.focused(True),
        on_blur=lambda _: box.focused(False),
    )


def drawn_mark(box: LiveBox) -> ft.Control:
    """Draw the mark by which the page says that it has drawn a push; beside the box."""

    def drew(event: Any) -> None:
        box.opened.drew(round(event.width) - 1)

    return ft.Container(
        width=1 + box.push.number % BEATS, height=1, size_change_interval=0, on_size_change=drew
    )


class _Another(ft.TextSelection):
    """A selection that Flet takes for another one even where it is alike."""


def _selection(wanted: Selection | None, there: ft.TextSelection | None) -> ft.TextSelection | None:
    """Make a selection that is sent whatever Flet believes that the page has.

    What the page says of its caret may cross with what it is sent; then the page has what it was
    sent, Flet believes what it said, and leaves out what it takes for known. It compares parts of
    one type, so each selection is of another type than the one before it.
    """
    if wanted is None:
        return None
    make = ft.TextSelection if isinstance(there, _Another) else _Another
    return make(*wanted)
