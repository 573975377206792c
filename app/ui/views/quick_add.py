"""Quick add: one line becomes a task, and chips show what of it was understood."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import flet as ft

from app.local_time import due_words
from app.ui.components.chips import removable_chip
from app.ui.components.coming_field import keeping_keyboard, use_coming_field
from app.ui.components.controls import explained
from app.ui.components.typed_field import Typing, typed_field, use_typing
from app.ui.listing import Which
from app.ui.session import Session
from store.commands.patches import NewTask
from store.domain.quick_add import QuickAdd as Said
from store.domain.quick_add import Span, parse

Act = Callable[[], Awaitable[None]]

HINT: Final = "Buy rope tomorrow 9am #climb !high @Kit +Hut"
_ICONS: Final = {
    "date": ft.Icons.CALENDAR_TODAY,
    "time": ft.Icons.SCHEDULE,
    "repeat": ft.Icons.REPEAT,
    "tag": ft.Icons.TAG,
    "priority": ft.Icons.FLAG_OUTLINED,
    "assignee": ft.Icons.PERSON_OUTLINE,
    "list": ft.Icons.LIST,
}


@dataclass(frozen=True, slots=True)
class Preset:
    """What a task is where it is added, unless the line says otherwise."""

    due: str | None = None
    list: str | None = None
    tag: str | None = None

    @classmethod
    def of(cls, which: Which, now: datetime) -> "Preset":
        """Take it from what is shown."""
        return cls(which.due_of_new(now), which.list_name or None, which.tag or None)

    def without(self, fields: frozenset[str]) -> "Preset":
        """Leave some of it out."""
        return replace(self, **dict.fromkeys(fields))


def new_task(said: Said, preset: Preset) -> NewTask:
    """Make the task that a line says."""
    tags = said.tags if preset.tag is None else tuple(dict.fromkeys((*said.tags, preset.tag)))
    return NewTask(
        title=said.title,
        due=said.due or preset.due,
        priority=said.priority,
        list=said.list or preset.list,
        assignee=said.assignee,
        tags=tags,
        repeat=said.repeat,
    )


def added_words(draft: NewTask, now: datetime) -> str:
    """Say what was understood, and where it went."""
    parts = (draft.title, due_words(draft.due, now), f"in {draft.list}" if draft.list else "")
    return "Added: " + ", ".join(part for part in parts if part)


@ft.component
def QuickAdd(  # noqa: N802 - components are named as what they draw
    session: Session,
    which: Which,
    *,
    autofocus: bool = False,
    done: Callable[[], None] | None = None,
) -> ft.Control:
    """Draw the field that makes a task of a line, and the chips below it.

    Args:
        session: the tab.
        which: what is shown: a task that is added there belongs there.
        autofocus: whether it takes the keyboard.
        done: told once a task was added.
    """
    typed = use_typing()
    use_coming_field(session, typed, comes=autofocus)
    literal, set_literal = ft.use_state(frozenset[str]())
    dropped, set_dropped = ft.use_state(frozenset[str]())
    now = session.now()
    given = Preset.of(which, now)
    preset = given.without(dropped)
    said = parse(typed.text, now=now, literal=literal)

    def added() -> None:
        typed.clear()
        set_literal(frozenset())
        set_dropped(frozenset())
        if done is not None:
            done()

    add = _adding(session, typed, literal, preset, added, goes_on=done is None)

    def as_text(span: Span) -> Act:
        async def keep() -> None:
            set_literal(lambda kept: kept | {span.text})

        return lambda: keeping_keyboard(session, typed, keep)

    def without(key: str) -> Act:
        async def drop() -> None:
            set_dropped(lambda left: left | {key})

        return lambda: keeping_keyboard(session, typed, drop)

    field = typed_field(
        typed,
        "New task",
        session.typing_in,
        hint=HINT,
        icon=ft.Icons.ADD,
        expand=True,
        autofocus=autofocus,
        on_submit=session.handler(add),
    )
    if typed.text.strip():
        chips = _span_chips(session, said, now, as_text)
        chips += _preset_chips(session, preset, said, now, without)
    else:
        chips = []
    below = _below(chips, teaches=done is not None)
    row = ft.Row([field, ft.FilledButton("Add", on_click=session.handler(add))], spacing=10)
    return ft.Column([row, *below], spacing=8, tight=True)


def _adding(
    session: Session,
    typed: Typing,
    literal: frozenset[str],
    preset: Preset,
    added: Callable[[], None],
    *,
    goes_on: bool,
) -> Act:
    """Make what adds the typed task; a handler reads what is typed when it runs.

    Where one `goes_on` to the next, the field has the keyboard again, which Enter takes from it.
    """

    async def add() -> None:
        if not typed.text.strip():
            return
        now = session.now()
        draft = new_task(parse(typed.text, now=now, literal=literal), preset)
        words = added_words(draft, now)
        if await session.act(lambda replica: replica.add_task(draft), said=words) is not None:
            added()

    async def add_once() -> None:
        await typed.once(add)

    if goes_on:
        return lambda: keeping_keyboard(session, typed, add_once)
    return add_once


def _below(chips: list[ft.Control], *, teaches: bool) -> list[ft.Control]:
    if chips:
        return [ft.Row(chips, wrap=True, spacing=6, run_spacing=6)]
    if teaches:
        return [explained("A day, a time, #tag, !priority, @person and +list are understood.")]
    return []


def _span_chips(
    session: Session, said: Said, now: datetime, as_text: Callable[[Span], Act]
) -> list[ft.Control]:
    return [
        removable_chip(
            _ICONS[span.kind],
            span_words(span, said, now),
            f"Make “{span.text}” text again",
            session.handler(as_text(span)),
        )
        for span in said.spans
    ]


def span_words(span: Span, said: Said, now: datetime) -> str:
    """Say what a stretch of the line was understood as."""
    if span.kind == "tag" or said.due is None:
        return span.text
    if span.kind == "date":
        both = any(each.kind == "time" for each in said.spans)
        return due_words(said.due, now).rsplit(" ", 1)[0] if both else due_words(said.due, now)
    if span.kind == "time":
        return f"{datetime.fromisoformat(said.due).astimezone(now.tzinfo):%H:%M}"
    return span.text


def _preset_chips(
    session: Session, preset: Preset, said: Said, now: datetime, without: Callable[[str], Act]
) -> list[ft.Control]:
    found = []
    if preset.due is not None and said.due is None:
        found.append(("due", _ICONS["date"], due_words(preset.due, now)))
    if preset.list is not None and said.list is None:
        found.append(("list", _ICONS["list"], f"+{preset.list}"))
    if preset.tag is not None and preset.tag not in said.tags:
        found.append(("tag", _ICONS["tag"], f"#{preset.tag}"))
    return [
        removable_chip(icon, words, f"Not {words}", session.handler(without(key)))
        for key, icon, words in found
    ]
