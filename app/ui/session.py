"""One tab: its view-model, its ears, and the border where every error of a handler ends.

A handler of a control asks the session to `act`, a hook asks it to `read`; both go to the replica
in a thread. What a rule refuses is shown as the sentence that it comes with; what should not have
happened is logged and shown too, and the app stays up.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import flet as ft

from app.act_words import act_words, done_words
from app.local_time import local_now
from app.ui.changes import Changes
from app.ui.core import AppCore
from app.ui.hearing import Hearing
from app.ui.view_model import ViewModel
from store.domain.errors import DomainError
from store.errors import StoreError
from store.replica import Replica
from sync.client import undoing
from sync.client.membership import Membership
from sync.errors import SyncError
from sync.transport.http import HttpTransport

T = TypeVar("T")
Handler = Callable[[Any], Awaitable[None]]

_SAID_FOR_MS: Final = 6_000
LONG_S: Final = 1.0  # an act of one item takes a hundredth of it
_SAID_WIDTH_PX: Final = 560
_ABOVE_THE_BAR: Final = ft.Margin.only(left=16, right=16, bottom=92)
_FAULT: Final = (
    "Something went wrong in Cairn itself; what was saved is safe. The log says more ({name})."
)

log = logging.getLogger(__name__)


class Session:
    """What the parts of one tab are given. Belongs to the page's loop."""

    def __init__(self, page: ft.Page, core: AppCore) -> None:
        """Tie a page to the core; `open` begins to listen."""
        self.page = page
        self.core = core
        self.model = ViewModel()
        self.changes = Changes(asyncio.get_running_loop())
        self.now = local_now
        self.tag = self.new_tag()
        # Of each field that saves when one leaves it: saves what was typed.
        self.fields: set[Callable[[], Awaitable[None]]] = set()
        self.acted_at = float("-inf")
        self._acts: set[asyncio.Future[Any]] = set()  # under way
        self._unwatch: Callable[[], None] | None = None
        self.hearing = Hearing()
        self._is_shown = asyncio.Event()
        self._is_shown.set()
        self._working: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Begin to hear of commits."""
        self.model.layout.resized(self.page.width, self.page.height)
        self._unwatch = self.core.replica.watch(self.changes.tell)
        self.core.leaving.add(self.keep_fields)

    def close(self) -> None:
        """Hear no more, and end what works for a part: Flet does not say that those go too."""
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None
        self.core.leaving.discard(self.keep_fields)
        for task in self._working:
            task.cancel()

    async def keep_fields(self) -> None:
        """Save what was typed into fields that nobody has left yet."""
        for keep in tuple(self.fields):
            await self.guarded(keep())

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let the task that runs now end with this tab."""
        task = asyncio.current_task()
        assert task is not None, "asked from a task of the loop"
        self._working.add(task)
        try:
            yield
        finally:
            self._working.discard(task)

    def went_away(self) -> None:
        """Note that nobody sees this tab: it was closed, or its device sleeps; it may come back."""
        self._is_shown.clear()

    def came_back(self) -> None:
        """Note that it is seen again."""
        self._is_shown.set()

    async def shown(self) -> None:
        """Wait until somebody sees this tab; at once if so now."""
        await self._is_shown.wait()

    def new_tag(self) -> str:
        """Make a name for who begins commits: this tab, or one box of it."""
        return secrets.token_hex(6)

    @property
    def members(self) -> Membership:
        """What servers are asked about spaces; an answer that does not come in time is told."""
        return Membership(self.core.replica, HttpTransport)

    # -- asking the replica ---------------------------------------------------------------------

    async def read(self, ask: Callable[[Replica], T]) -> T | None:
        """Ask the replica in a thread; None where it could not answer, which the person is told."""
        try:
            return await asyncio.to_thread(ask, self.core.replica)
        except Exception as error:  # noqa: BLE001 - the border of this tab
            self.complain(error)
            return None

    async def act(
        self, do: Callable[[Replica], T], *, said: str | Callable[[T], str] | None = None
    ) -> T | None:
        """Do something in a thread; None where it was refused, which the person is told.

        Whatever leaves a way back is told with it: there is no act that hides its undo.

        Args:
            do: one act of the replica.
            said: told the person once it is done; None for the usual words of such an act, empty
                for none, where the page itself says it and has the way back.
        """
        self.acted_at = asyncio.get_running_loop().time()

        def noted(replica: Replica) -> tuple[T, tuple[int, str] | None]:
            replica.made_act()  # what this thread did before is told
            return do(replica), replica.made_act()

        acting = asyncio.ensure_future(self.read(noted))
        self._acts.add(acting)
        acting.add_done_callback(self._acts.discard)
        with self._long_told():
            done = await asyncio.shield(acting)  # its thread goes on, whoever waits
        if done is None:
            return None
        value, made = done
        words = said(value) if callable(said) else said
        if words is None and made is not None:
            words = done_words(made[1])
        if words:
            self.say(words, undoes=None if made is None else made[0])
        return value

    def acted_s_ago(self) -> float:
        """Seconds since this tab last did something."""
        return asyncio.get_running_loop().time() - self.acted_at

    def handler(self, handle: Callable[[], Awaitable[None]]) -> Handler:
        """Make an event handler that can't fail: an error is told, and the app stays up."""

        async def guarded(_: Any) -> None:
            await self.guarded(handle())

        return guarded

    def event_handler(self, handle: Callable[[Any], Awaitable[None]]) -> Handler:
        """Make an event handler of what wants the event, that can't fail either."""

        async def guarded(event: Any) -> None:
            await self.guarded(handle(event))

        return guarded

    async def guarded(self, work: Awaitable[None]) -> None:
        """Wait for work of a part, which ends with an error that is told."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the border of this tab
            self.complain(error)

    async def undo(self, number: int | None = None) -> None:
        """Take back this device's last act, or the one of a number, and say which.

        What others have to agree to is asked of them first; see `sync.client.undoing`.
        """

        async def take_back() -> None:
            await asyncio.to_thread(self.core.drafts.flush)
            undone = await undoing.undo(self.core.replica, self.members, number)
            again = self.redo if undone.can_return else None
            self.say(f"Undone: {act_words(undone.label)}.", redoes=again)

        await self._acting(take_back())

    async def redo(self) -> None:
        """Put back what was undone last, and say what."""

        async def put_back() -> None:
            done = await undoing.redo(self.core.replica, self.members)
            self.say(f"Done again: {act_words(done.label)}.", undoes=done.number)

        await self._acting(put_back())

    async def _acting(self, work: Awaitable[None]) -> None:
        self.acted_at = asyncio.get_running_loop().time()
        with self._long_told():
            # The last act is the one that was begun last, also where its thread is not through yet.
            await asyncio.gather(*self._acts, return_exceptions=True)
            await self.guarded(work)

    @contextmanager
    def _long_told(self) -> Iterator[None]:
        """Say that an act is under way, where it is one of thousands of items."""
        loop = asyncio.get_running_loop()
        telling = loop.call_later(LONG_S, self.say, "This takes some seconds…")
        try:
            yield
        finally:
            telling.cancel()

    # -- telling the person ---------------------------------------------------------------------

    def say(
        self,
        sentence: str,
        *,
        undoes: int | None = None,
        redoes: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Show a sentence at the bottom for a few seconds, with a way back where there is one.

        Args:
            sentence: what to say.
            undoes: number of the act that it tells of.
            redoes: puts back what it tells of.
        """
        action = None
        if undoes is not None:
            back = self.handler(lambda: self.undo(undoes))
            action = ft.SnackBarAction("Undo", on_click=back)
        elif redoes is not None:
            action = ft.SnackBarAction("Redo", on_click=self.handler(redoes))
        wide = self.model.layout.wide
        self.page.show_dialog(
            ft.SnackBar(
                ft.Text(sentence),
                action=action,
                persist=False,
                duration=_SAID_FOR_MS,
                behavior=ft.SnackBarBehavior.FLOATING,
                width=_SAID_WIDTH_PX if wide else None,
                margin=None if wide else _ABOVE_THE_BAR,
            )
        )

    def complain(self, error: Exception) -> None:
        """Show why something did not happen, and log what should not have."""
        if isinstance(error, DomainError | StoreError | SyncError):
            self.say(error.detail)
        else:
            log.error("handler outcome=fault", exc_info=error)
            self.say(_FAULT.format(name=type(error).__name__))

    # -- the keyboard ---------------------------------------------------------------------------

    @property
    def has_dialog(self) -> bool:
        """Whether something is open above or instead of the screens: then keys are its own."""
        place, hearing = self.model.place, self.hearing
        is_open = place.is_welcome or bool(place.dialog or hearing.questions)
        return is_open or hearing.is_going

    def typing_in(self, begins: bool) -> None:
        """Note that a field has the keyboard, or lost it; told by `FieldFocus`, once each way."""
        self.hearing.typing_in(begins)

    def close_dialog(self) -> None:
        """Tell the question or dialog above the screens to go."""
        if self.hearing.questions:
            self.hearing.questions[-1]()
        elif self.model.place.dialog:
            self.hearing.goes()
            self.model.place.dialog = ""

    def dialog_went(self, dialog: str) -> None:
        """Note that a dialog is not drawn any more, whoever closed it."""
        if self.model.place.dialog == dialog:
            self.model.place.dialog = ""
        self.hearing.went()
