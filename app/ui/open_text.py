"""One text box on one item: what is typed goes to the store, what others write comes to the box.

    typed      a draft at once; a change when the typing pauses, or goes on for long
    elsewhere  the draft becomes a change, the store merges, the box shows the merged text with its
               selection where it was; keystrokes on their way are carried over to it

What the page has of it meanwhile is the business of `page_text`. The box belongs to the loop; the
store is asked in threads.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.ui.drafts import Drafts, Heads, Writer
from app.ui.page_text import HELD_S_MAX, LetGo, PageText, Push
from app.ui.text_moves import rebased
from store.domain.errors import DomainError
from store.domain.ids import DocId
from store.domain.word_diff import Place, places
from store.errors import StoreError

FLUSH_AFTER_S: Final = 1.5
FLUSH_AT_LEAST_EVERY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class News:
    """What came to the box from elsewhere.

    Attributes:
        writers: who wrote it.
        own: who reads it, as a writer.
        text: the text as it was then.
        places: where it differed from what the box had.
    """

    writers: tuple[Writer, ...]
    own: Writer
    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Ears:
    """What a box tells, on the loop: a text to draw, news from elsewhere, what went wrong."""

    show: Callable[[Push], None]
    let_go: Callable[[LetGo], None]
    news: Callable[[News], None]
    complain: Callable[[Exception], None]


class OpenText(PageText):
    """The text of one item while a box shows it."""

    def __init__(
        self,
        box: str,
        doc: DocId,
        drafts: Drafts,
        ears: Ears,
        *,
        flush_after_s: float = FLUSH_AFTER_S,
        held_s: float = HELD_S_MAX,
    ) -> None:
        """Tie a box to an item.

        Args:
            box: a name that no other box has; commits of this box carry it.
            doc: the item.
            drafts: where text is kept.
            ears: told what happens.
            flush_after_s: seconds without typing after which a draft becomes a change.
            held_s: seconds for which a push is held at most.
        """
        super().__init__(ears.show, ears.let_go, held_s)
        self.box = box
        self.doc = doc
        self._drafts = drafts
        self._ears = ears
        self._flush_after_s = flush_after_s
        self._heads: Heads = ()
        self.news_waiting: list[News] = []  # that came while a push was held
        self._unsaved = False
        self._failed = False
        self._draft_since: float | None = None
        self._typed_at = 0.0
        self._wake = asyncio.Event()

    @property
    def is_saved(self) -> bool:
        """Whether everything typed is durable."""
        return not (self._unsaved or self._failed)

    # -- what the page says -----------------------------------------------------------------------

    def typed(self, text: str) -> None:
        """Take in what the box says after a keystroke."""
        known = self.text
        super().typed(text)
        if self.text != known:
            self._typed()

    def let_go(self) -> None:
        """Believe again what the page says of its caret, and tell what came meanwhile."""
        super().let_go()
        if not self.is_held:
            for news in self.news_waiting:
                self._ears.news(news)
            self.news_waiting.clear()

    def replace(self, text: str) -> None:
        """Change the text from beside the box: a ticked line, a link put in."""
        if text != self.text:
            self.push(text)
            self._typed()

    # -- what the store says ----------------------------------------------------------------------

    async def open(self) -> None:
        """Load the text and show it; raises NotFound."""
        self.text, self._heads = await asyncio.to_thread(self._drafts.load, self.doc)
        self.push(self.text)

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
                # The text stays in the box; the next keystroke tries again.
                self._ears.complain(error)

    async def end(self) -> None:
        """Save what was typed, as a change; nothing may come from the page afterwards."""
        self.close()
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
            self._draft_since = self._now()

    async def _settle(self) -> None:
        """Turn the draft into a change, and take in what the store has by now."""
        ours, before = self.text, self._heads
        self._draft_since = None
        merged, heads = await asyncio.to_thread(self._flush_and_load)
        latest = rebased(ours, self.text, merged) if self.text != ours else merged
        self._heads = heads
        if latest != merged:  # typed while the store was asked
            self._unsaved = True
        if latest != self.text:
            self.push(latest)
        if merged != ours:
            writers, own = await asyncio.to_thread(self._drafts.writers, self.doc, before)
            news = News(tuple(writers), own, merged, places(ours, merged))
            if self.is_held:
                self.news_waiting.append(news)
            else:
                self._ears.news(news)

    def _flush_and_load(self) -> tuple[str, Heads]:
        self._drafts.flush(self.box)
        return self._drafts.load(self.doc)

    # -- inside -----------------------------------------------------------------------------------

    def _typed(self) -> None:
        self._unsaved = True
        self._typed_at = self._now()
        self._wake.set()
        self.changed.set()

    def _is_flush_due(self) -> bool:
        return self._draft_since is not None and self._flush_in_s() <= 0

    def _flush_in_s(self) -> float:
        assert self._draft_since is not None, "asked only while a draft waits"
        now = self._now()
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
