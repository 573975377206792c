"""A text as it reads, beside the box in which it is written or in its place."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast
from urllib.parse import unquote

import flet as ft

from app.ui.asking import ask_yes
from app.ui.components.controls import quiet
from app.ui.components.markdown import PartLook, part_drawn
from app.ui.effects import use_work
from app.ui.markdown_parts import Box, Part, parts_of, ticked
from app.ui.open_text import OpenText
from app.ui.session import Session
from app.ui.text_moves import rebased
from store.domain.ids import DocId
from store.domain.links import ITEM_SCHEME, WANTED_SCHEME, with_wanted
from store.replica import Replica

FOLLOWS_AFTER_S: Final = 0.15  # a keystroke: typing never waits for what it looks like
PARTS_DRAWN: Final = 150

_ABROAD: Final = ("https://", "http://", "mailto:")


@dataclass(frozen=True, slots=True)
class _Read:
    """A text, its parts, and the same parts with links as they are followed."""

    text: str
    parts: tuple[Part, ...]
    shown: tuple[Part, ...]


class _Acts:
    """What a preview does when it is touched; the same object as long as it is shown."""

    def __init__(self, session: Session, opened: OpenText) -> None:
        self.session, self.opened = session, opened
        self.read = _Read("", (), ())

    def tick(self, number: int) -> None:
        """Tick the box of a part, in the text as it is by now."""
        part, text = self.read.parts[number], self.read.text
        if isinstance(part, Box):
            self.opened.replace(rebased(text, ticked(text, part), self.opened.text))


@ft.component
def Preview(session: Session, opened: OpenText, fills: bool, read_only: bool) -> ft.Control:  # noqa: N802
    """Draw it.

    Args:
        session: the tab.
        opened: the text.
        fills: whether it scrolls in all the height there is.
        read_only: whether nothing can be ticked.
    """
    acts = ft.use_memo(lambda: _Acts(session, opened), [])
    read = acts.read = _use_read(session, opened)
    limit, set_limit = ft.use_state(PARTS_DRAWN)
    percent = session.model.layout.text_percent
    drawn: list[ft.Control] = [
        _part(acts, number, _look(part, shown, percent), read_only, key=str(number))
        for number, (part, shown) in enumerate(
            zip(read.parts[:limit], read.shown[:limit], strict=True)
        )
    ]
    if len(read.parts) > limit:
        drawn.append(
            ft.TextButton(
                "Show more", key="more", on_click=lambda _: set_limit(limit + PARTS_DRAWN)
            )
        )
    if not drawn:
        drawn = [quiet("What you write shows here as it reads: # headings, - lists, - [ ] boxes.")]
    return ft.Semantics(
        label="Preview",
        container=True,
        expand=fills,
        content=ft.ListView(drawn, expand=True, padding=ft.Padding.only(right=8))
        if fills
        else ft.Column(drawn, spacing=0, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
    )


@ft.component
def PartView(acts: _Acts, number: int, look: PartLook, read_only: bool) -> ft.Control:  # noqa: N802
    """Draw one part; one that looks the same is not drawn anew."""

    async def tick() -> None:
        acts.tick(number)

    async def tapped(event: Any) -> None:
        await follow_link(acts.session, acts.opened.doc, str(event.data))

    session = acts.session
    return part_drawn(
        look, None if read_only else session.handler(tick), session.event_handler(tapped)
    )


_part: Final = cast(Any, ft.memo)(PartView)


def _look(part: Part, shown: Part, text_percent: int) -> PartLook:
    """Say how a part looks: its words with links as they are followed."""
    is_done = isinstance(part, Box) and part.is_done
    name = part.text if isinstance(part, Box) else None
    return PartLook(shown.text, part.indent, name, is_done, text_percent)


def _use_read(session: Session, opened: OpenText) -> _Read:
    """Follow a text with what it reads like; a hook."""
    read, put = ft.use_state(_Read("", (), ()))

    async def follow() -> None:
        while True:
            opened.changed.clear()
            done = await session.read(partial(_read, opened=opened, text=opened.text))
            if done is not None:
                put(done)
            await opened.changed.wait()
            await asyncio.sleep(FOLLOWS_AFTER_S)

    use_work(session, follow)
    return read


async def follow_link(session: Session, doc: DocId, address: str) -> None:
    """Go where a link leads: to an item, or out, which is the browser's business.

    Args:
        session: the tab.
        doc: the item in whose text it stands.
        address: of the link.
    """
    if address.startswith(ITEM_SCHEME):
        prefix = address.removeprefix(ITEM_SCHEME).partition("#")[0]
        found = await session.read(lambda replica: replica.find(prefix))
        if found is not None:
            session.model.place.open_item(found)
    elif address.startswith(WANTED_SCHEME):
        await _make_wanted(session, doc, unquote(address.removeprefix(WANTED_SCHEME)))
    elif address.startswith(_ABROAD):
        await ft.UrlLauncher().launch_url(address)
    else:
        session.say(f"Nothing here has the name or address {address}.")


async def _make_wanted(session: Session, doc: DocId, title: str) -> None:
    """Make the note that a link names, if the person wants it, and go there."""
    question = f"Nothing here is called “{title}” yet."
    if await ask_yes(session, "Make this note?", question, button="Make it"):
        made = await session.act(
            lambda replica: replica.add_note(title, space=replica.item(doc).space)
        )
        if made is not None:
            session.model.place.open_item(made)


def _read(replica: Replica, *, opened: OpenText, text: str) -> _Read:
    shown = with_wanted(replica.with_item_links(opened.doc, text))
    return _Read(text, tuple(parts_of(text)), tuple(parts_of(shown)))
