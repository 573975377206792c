"""One text box on one item: what is typed goes to the store, what others write comes to the box.

    typed      a draft at once; a change when the typing pauses, or goes on for long
    elsewhere  the draft becomes a change, the store merges, the box shows the merged text with the
               caret where it was; keystrokes that were on their way are carried over to it

The box belongs to the loop; the store is asked in threads.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.ui.drafts import Drafts, Heads
from app.ui.text_moves import from_units, moved_caret, nearest, rebased, to_units
from store.domain.errors import DomainError
from store.domain.ids import DocId
from store.errors import StoreError

FLUSH_AFTER_S: Final = 1.5
FLUSH_AT_LEAST_EVERY_S: Final = 5.0
_SHOWN_MAX: Final = 8  # texts that may still be on their way to the page


@dataclass(frozen=True, slots=True)
class Push:
    """A text that the box shall show.

    Attributes:
        number: counts up, so that the same text can be pushed twice.
        caret: where the caret goes, in UTF-16 units; None if the box has none.
    """

    number: int
    text: str
    caret: int | None


class OpenText:
    """The text of one item while a box shows it."""

    def __init__(
        self,
        box: str,
        doc: DocId,
        drafts: Drafts,
        show: Callable[[Push], None],
        complain: Callable[[Exception], None],
        *,
        flush_after_s: float = FLUSH_AFTER_S,
    ) -> None:
        """Tie a box to an item.

        Args:
            box: a name that no other box has; commits of this box carry it.
            doc: the item.
            drafts: where text is kept.
            show: draws a text in the box; called on the loop.
            complain: tells the person that something could not be saved.
            flush_after_s: seconds without typing after which a draft becomes a change.
        """
        self.box = box
        self.doc = doc
        self.text = ""
        self.caret: int | None = None
        self._drafts = drafts
        self._show = show
        self._complain = complain
        self._flush_after_s = flush_after_s
        self._heads: Heads = ()
        # What the page may show by now, oldest first: a push takes its time and has no answer.
        self._shown: list[str] = []
        self._pushes = 0
        self._unsaved = False
        self._failed = False
        self._draft_since: float | None = None
        self._typed_at = 0.0
        self._wake = asyncio.Event()

    @property
    def is_saved(self) -> bool:
        """Whether everything typed is durable."""
        return not (self._unsaved or self._failed)

    def typed(self, text: str) -> None:
        """Take in what the box says after a keystroke."""
        origin = nearest(text, self._shown)
        before, later = self._shown[origin], self._shown[origin + 1 :]
        self._shown = [text, *later]  # the page can't go back to what it showed before
        known, self.text = self.text, text
        if later:  # typed before the page had what we sent
            self._push(rebased(before, text, known))
        if self.text != known:
            self._unsaved = True
            self._typed_at = asyncio.get_running_loop().time()
            self._wake.set()

    def selected(self, caret_units: int) -> None:
        """Take in where the caret is, in UTF-16 units."""
        self.caret = from_units(self.text, caret_units)

    async def open(self) -> None:
        """Load the text and show it; raises NotFound."""
        self.text, self._heads = await asyncio.to_thread(self._drafts.load, self.doc)
        self._push(self.text)

    async def serve(self, moved: asyncio.Event) -> None:
        """Load the text, then carry it both ways until cancelled; raises NotFound.

        Args:
            moved: set when the item was changed, by whomever.
        """
        await self.open()
        while True:
            try:
                if self._unsaved:
                    await self._save()
                elif moved.is_set() or self._is_flush_due():
                    moved.clear()
                    await self._settle()
                else:
                    await self._pause(moved)
            except (DomainError, StoreError) as error:
                self._complain(error)  # the text stays in the box; the next keystroke tries again

    async def close(self) -> None:
        """Save what was typed, as a change."""
        if not self.is_saved:
            await self._save()
        if self._draft_since is not None:
            self._draft_since = None
            await asyncio.to_thread(self._drafts.flush, self.box)

    async def _save(self) -> None:
        self._unsaved, self._failed = False, True
        await asyncio.to_thread(self._drafts.save, self.box, self.doc, self.text, self._heads)
        self._failed = False
        if self._draft_since is None:
            self._draft_since = asyncio.get_running_loop().time()

    async def _settle(self) -> None:
        """Turn the draft into a change, and take in what the store has by now."""
        ours = self.text
        self._draft_since = None
        merged, heads = await asyncio.to_thread(self._flush_and_load)
        latest = rebased(ours, self.text, merged) if self.text != ours else merged
        self._heads = heads
        if latest != merged:  # typed while the store was asked
            self._unsaved = True
        if latest != self.text:
            self._push(latest)

    def _flush_and_load(self) -> tuple[str, Heads]:
        self._drafts.flush(self.box)
        return self._drafts.load(self.doc)

    def _push(self, text: str) -> None:
        caret = None
        if self.caret is not None:
            self.caret = moved_caret(min(self.caret, len(self.text)), self.text, text)
            caret = to_units(text, self.caret)
        self._shown = [*self._shown, text][-_SHOWN_MAX:]
        self._pushes += 1
        self.text = text
        self._show(Push(self._pushes, text, caret))

    def _is_flush_due(self) -> bool:
        return self._draft_since is not None and self._flush_in_s() <= 0

    def _flush_in_s(self) -> float:
        now = asyncio.get_running_loop().time()
        assert self._draft_since is not None, "asked only while a draft waits"
        quiet = self._typed_at + self._flush_after_s - now
        return min(quiet, self._draft_since + FLUSH_AT_LEAST_EVERY_S - now)

    async def _pause(self, moved: asyncio.Event) -> None:
        """Wait for a keystroke, somebody else's change, or the time to flush."""
        timeout = None if self._draft_since is None else max(self._flush_in_s(), 0)
        waiting = [asyncio.ensure_future(each.wait()) for each in (self._wake, moved)]
        try:
            await asyncio.wait(waiting, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
        self._wake.clear()
