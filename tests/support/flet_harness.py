"""A tab without a browser: a real Flet session whose client is a fake that takes in what is sent.

It leans on Flet's inside, so Flet is pinned and only this module does. Encoding a message is what
draws components, so the fake encodes all that a real connection would.
"""

import asyncio
import dataclasses
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import flet as ft
import msgpack  # type: ignore[import-untyped]
from flet.components.public_utils import unwrap_component
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page
from flet.messaging.connection import Connection
from flet.messaging.protocol import (
    Message,
    MessageAction,
    RegisterClientResponseBody,
    configure_encode_object_for_msgpack,
)
from flet.messaging.session import Session as FletSession
from flet.pubsub.pubsub_hub import PubSubHub

from app.ui.core import AppCore
from app.ui.tab import tab_main
from store.replica import Replica
from sync.client.timetable import Phase, SchedulerState

C = TypeVar("C", bound=BaseControl)
SETTLED_S_MAX = 10.0


class StillSync:
    """A background sync that does nothing but what a test makes it say."""

    def __init__(self) -> None:
        self.now = SchedulerState(Phase.IDLE)
        self.retry_s: int | None = None
        self.retries = 0
        self.saving = False

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """Nothing to end."""

    def state(self) -> SchedulerState:
        """What the test says."""
        return self.now

    def retry_in_s(self) -> int | None:
        """What the test says."""
        return self.retry_s

    def retry_now(self) -> None:
        """Count it."""
        self.retries += 1

    def save_power(self, *, saving: bool) -> None:
        """Note it."""
        self.saving = saving


class _FakeConnection(Connection):
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.loop = loop
        self.executor = ThreadPoolExecutor(2)
        self.pubsubhub = PubSubHub(loop=loop, executor=self.executor)
        self.page_url = "http://localhost"  # a real one has it from its server
        self.crashes: list[str] = []
        self.sent_at_s = 0.0
        self.answers: dict[str, Any] = {}
        self.asked: list[int] = []
        self.answer: Callable[..., None] = lambda *_: None

    def send_message(self, message: Message) -> None:
        msgpack.packb(
            [message.action, message.body],
            default=configure_encode_object_for_msgpack(BaseControl),  # type: ignore[no-untyped-call]
        )
        self.sent_at_s = time.perf_counter()
        if message.action == MessageAction.INVOKE_METHOD:
            asked = message.body
            self.asked.append(asked.control_id)
            told = self.answers.get(asked.name)
            self.loop.call_soon(self.answer, asked.control_id, asked.call_id, told, None)
        if message.action == MessageAction.SESSION_CRASHED:
            self.crashes.append(str(message.body))


class Tab:
    """One open tab of the app; made inside a running loop by `Tab.open`."""

    def __init__(self, core: AppCore, sync: StillSync) -> None:
        self.core = core
        self.sync = sync
        self._connection = _FakeConnection(asyncio.get_running_loop())
        self._session = FletSession(self._connection)
        self._connection.answer = self._session.handle_invoke_method_results
        self.page = self._session.page

    @classmethod
    async def open(
        cls,
        replica: Replica,
        *,
        width: int = 1200,
        poll_every_s: float = 0.01,
        invitation: str = "",
        platform: str = "",
    ) -> "Tab":
        """Open the app on a replica, in a tab so many pixels wide; perhaps started with a link.

        `platform` is Flet's word for a system whose own app it is then; else it is a browser's.
        """
        sync = StillSync()
        core = AppCore(replica, sync, poll_every_s=poll_every_s)
        core.invitation = invitation
        await core.start()
        tab = cls(core, sync)
        shown_by = {"platform": platform, "web": False} if platform else {}
        tab._session.apply_page_patch({"width": width, "height": 800, **shown_by})
        _context_page.set(tab.page)
        patch = tab._session.get_page_patch()  # type: ignore[no-untyped-call]
        body = RegisterClientResponseBody(session_id=tab._session.id, page_patch=patch, error="")
        tab._connection.send_message(Message(MessageAction.REGISTER_CLIENT, body))
        await tab_main(core)(tab.page)
        return tab

    async def close(self) -> None:
        """Close the tab and the core, in which nothing may have failed; the replica stays open."""
        self.page.views.clear()
        self.page.update()
        self._session.close()  # type: ignore[no-untyped-call]
        await self.core.stop()
        self._connection.executor.shutdown()
        assert self.crashes == [], "errors that nothing caught"

    async def disconnect(self) -> None:
        """Lose the connection, as when a tab is closed."""
        await self._session.disconnect(60)

    async def expire(self) -> None:
        """Never find it again: what the tab was is thrown away, its parts with it, unsaid."""
        await self.disconnect()
        self._session.close()  # type: ignore[no-untyped-call]

    async def reconnect(self) -> None:
        """Find the connection again: all is drawn anew from what was kept."""
        self._connection = _FakeConnection(asyncio.get_running_loop())
        self._connection.send_message(
            Message(
                MessageAction.REGISTER_CLIENT,
                RegisterClientResponseBody(
                    session_id=self._session.id, page_patch=self.page, error=""
                ),
            )
        )
        await self._session.connect(self._connection)

    # -- seeing ---------------------------------------------------------------------------------

    @property
    def crashes(self) -> list[str]:
        """What Flet told the client of errors that nothing caught."""
        return self._connection.crashes

    @property
    def answers(self) -> dict[str, Any]:
        """What the client answers when it is asked to do something, by name; else nothing."""
        return self._connection.answers

    @property
    def asked(self) -> list[int]:
        """Ids of the controls whose client was asked to do something, in order."""
        return self._connection.asked

    @property
    def sent_at_s(self) -> float:
        """When the last message to the page was ready, by `time.perf_counter`."""
        return self._connection.sent_at_s

    def controls(self) -> Iterator[BaseControl]:
        """All controls that are drawn, from top to bottom."""
        seen: set[int] = set()
        opened = [each for each in self.page._dialogs.controls if each.open]
        for root in (*self.page.views, *opened):
            yield from _walk(root, seen)

    def find(self, kind: type[C], **wanted: object) -> C:
        """Give the first control of a kind with these properties; raises LookupError."""
        for control in self.find_all(kind, **wanted):
            return control
        raise LookupError(f"no {kind.__name__} with {wanted}; texts: {self.texts()}")

    def find_all(self, kind: type[C], **wanted: object) -> list[C]:
        """Give all of them."""
        return [
            control
            for control in self.controls()
            if isinstance(control, kind)
            and all(getattr(control, key, None) == value for key, value in wanted.items())
        ]

    def inside(self, control: BaseControl, kind: type[C]) -> list[C]:
        """Give all controls of a kind inside of one."""
        return [each for each in _walk(control, set()) if isinstance(each, kind)]

    def texts(self) -> list[str]:
        """Every text that is drawn."""
        return [text_of(control) for control in self.controls() if isinstance(control, ft.Text)]

    async def until(self, holds: Callable[[], Any]) -> Any:
        """Wait until something holds; a LookupError means not yet."""
        async with asyncio.timeout(SETTLED_S_MAX):
            while True:
                try:
                    found = holds()
                except LookupError:
                    found = None
                if found:
                    return found
                await asyncio.sleep(0.002)

    async def text(self, text: str) -> str:
        """Wait until a text is drawn that holds this one."""
        try:
            return str(await self.until(lambda: [t for t in self.texts() if text in t]))
        except TimeoutError:
            raise AssertionError(f"{text!r} was not drawn; drawn are {self.texts()}") from None

    async def gone(self, text: str) -> None:
        """Wait until no text is drawn that holds this one."""
        await self.until(lambda: not [t for t in self.texts() if text in t])

    # -- doing ----------------------------------------------------------------------------------

    async def fire(
        self, control: BaseControl, event: str, data: Any = None, **patched: object
    ) -> None:
        """Do what the client does: patch properties of a control, then send an event of it."""
        if patched:
            self._session.apply_patch(control._i, patched)
        await self._session.dispatch_event(control._i, event, data)

    async def press(self, name: str) -> None:
        """Press the button of this name as soon as it is there."""
        await self.fire(await self.until(lambda: self.button(name)), "click")

    async def press_asking(self, name: str) -> "asyncio.Task[None]":
        """Press a button that asks something: what it does ends only once that is answered."""
        return asyncio.create_task(self.fire(await self.until(lambda: self.button(name)), "click"))

    async def press_action(self, label: str) -> None:
        """Press what a sentence at the bottom offers."""
        action = await self.until(lambda: self.find(ft.SnackBarAction, label=label))
        await self.fire(action, "click")

    async def open_row(self, text: str) -> None:
        """Press the row of a list whose title is this."""
        await self.fire(await self.until(lambda: self.row(text)), "click")

    async def type(self, label: str, text: str) -> ft.TextField:
        """Write a whole text into a field, without leaving it."""
        field = await self.until(lambda: self.find(ft.TextField, label=label))
        await self.fire(field, "focus")
        await self.fire(field, "change", text, value=text)
        return self.find(ft.TextField, label=label)

    async def enter(self, label: str, text: str) -> None:
        """Write a whole text into a field and leave it."""
        await self.type(label, text)
        await self.fire(self.find(ft.TextField, label=label), "blur")

    async def scroll(self, listed: ft.ListView) -> None:
        """Move a list a little."""
        moved = {
            "event_type": "update",
            "pixels": 1.0,
            "min_scroll_extent": 0.0,
            "max_scroll_extent": 10_000.0,
            "viewport_dimension": 600.0,
        }
        await self.fire(listed, "scroll", moved)

    async def go(self, screen: str) -> None:
        """Go to a screen by the rail or bar, on a phone by the page behind “More” too."""
        bar = self.find_all(ft.NavigationRail) + self.find_all(ft.NavigationBar)
        names = [str(each.label) for each in bar[0].destinations]
        if screen in names:
            await self.fire(bar[0], "change", selected_index=names.index(screen))
        else:
            await self.fire(bar[0], "change", selected_index=names.index("More"))
            await self.open_row(screen)

    async def key(
        self, key: str, *, shift: bool = False, ctrl: bool = False, alt: bool = False
    ) -> None:
        """Press a key of the keyboard, wherever."""
        pressed = {"key": key, "shift": shift, "ctrl": ctrl, "alt": alt, "meta": False}
        await self.fire(self.page, "keyboard_event", pressed)

    def button(self, name: str) -> BaseControl:
        """Give the button of this name; raises LookupError."""
        found = [
            control
            for control in self.controls()
            if getattr(control, "on_click", None) is not None and name in _names(control)
        ]
        for control in found:
            inside = list(_walk(control, set()))[1:]
            if not any(other is each for other in found for each in inside):
                return control  # not the row that a button stands in
        raise LookupError(name)

    def row(self, text: str) -> ft.ListTile:
        """Give the row of a list whose title is this; raises LookupError."""
        for row in self.find_all(ft.ListTile):
            if text in [text_of(each) for each in _walk(row, set()) if isinstance(each, ft.Text)]:
                return row
        raise LookupError(text)


def open_replica(folder: Path, person: str = "Ana", device: str = "laptop") -> Replica:
    """Open a home of a person."""
    replica = Replica.open(folder)
    replica.set_identity(person, device)
    return replica


def text_of(control: ft.Text) -> str:
    """Give all that a text says, spans included."""
    return (control.value or "") + "".join(span.text or "" for span in control.spans or ())


def _names(control: BaseControl) -> list[str]:
    own = [getattr(control, key, None) for key in ("content", "text", "tooltip", "label")]
    inner = [
        name
        for each in _walk(control, set())
        if isinstance(each, ft.Text)
        for name in (text_of(each), each.semantics_label)
    ]
    return [name for name in own + inner if isinstance(name, str)]


def _walk(value: Any, seen: set[int]) -> Iterator[BaseControl]:
    value = unwrap_component(value)
    if isinstance(value, list):
        for each in value:
            yield from _walk(each, seen)
    elif isinstance(value, BaseControl) and id(value) not in seen:
        seen.add(id(value))
        if getattr(value, "visible", True) is False:
            return
        yield value
        for each in dataclasses.fields(value):
            if not each.name.startswith("_"):
                inner = getattr(value, each.name, None)
                if isinstance(inner, BaseControl | list):
                    yield from _walk(inner, seen)
