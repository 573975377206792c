"""One text box on one item: what is typed goes to the store, what others write comes to the box.

    typed      a draft at once; a change when the typing pauses, or goes on for long
    elsewhere  the draft becomes a change, the store merges, the box shows the merged text with its
               selection where it was; keystrokes on their way are carried over to it

A text that is pushed to the page is *held* until the page says that it has drawn it, or a keystroke
shows it: what the page says meanwhile of its caret may still be about the text before it, and
nothing around the box may be drawn anew, which would put the caret back to where the push had it.
The box belongs to the loop; the store is asked in threads.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.ui.drafts import Drafts, Heads, Writer
from app.ui.text_moves import (
    Selection,
    carried_by_units,
    from_units,
    inserted_at,
    moved_selection,
    nearest,
    rebased,
    selection_in_units,
    typed_to,
)
from store.domain.errors import DomainError
from store.domain.ids import DocId
from store.domain.word_diff import Place, places
from store.errors import StoreError

FLUSH_AFTER_S: Final = 1.5
FLUSH_AT_LEAST_EVERY_S: Final = 5.0
HELD_S_MAX: Final = 2.0  # a page that has not said by then that it drew a text, never will
BEATS: Final = 7  # pushes are told apart by their number modulo this
_ON_THEIR_WAY_S: Final = 2.0  # so long after a push a keystroke may be on the text before it
_SHOWN_MAX: Final = 8  # texts that may still be on their way to the page


@dataclass(frozen=True, slots=True)
class Push:
    """A text that the box shall show.

    Attributes:
        number: counts up, so that the same text can be pushed twice.
        selection: where it shall be, in UTF-16 units; None if the box has none.
    """

    number: int
    text: str
    selection: Selection | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A text that the page may show by now, and where its caret is then; None if unknown."""

    text: str
    caret: int | None


@dataclass(frozen=True, slots=True)
class LetGo:
    """A push that is held no more.

    Attributes:
        number: of the push.
        selection: where the caret was put while it was held, in UTF-16 units; None if nowhere.
    """

    number: int = 0
    selection: Selection | None = None


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


class OpenText:
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
        self.box = box
        self.doc = doc
        self.text = ""
        self.selection: Selection | None = None
        self.has_keyboard = False
        self.changed = asyncio.Event()
        self._drafts = drafts
        self._ears = ears
        self._flush_after_s = flush_after_s
        self._held_s = held_s
        self._heads: Heads = ()
        # What the page may show by now, oldest first: what it was sent takes its time.
        self._shown: list[Shown] = []
        self._is_sent = True
        self._pushed: Push | None = None
        self._pushed_at = 0.0
        self._holding: asyncio.TimerHandle | None = None
        self.news_waiting: list[News] = []  # that came while a push was held
        self._is_unheard = False  # nothing came from the page since the last push was let go
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
        if self._holding is None and self._now() - self._pushed_at > _ON_THEIR_WAY_S:
            self._shown = self._shown[-1:]
        origin = nearest(text, [each.text for each in self._shown])
        before, later = self._shown[origin], self._shown[origin + 1 :]
        # The page can't go back to what it showed before.
        self._shown = [Shown(text, typed_to(before.text, text)), *later]
        self._is_unheard = False
        known = self.text
        if later or not self._is_sent:  # typed before the page had what we push
            self._carry_over(before, text, [(each.text, each.caret) for each in later])
        else:
            self.text = text
            self.selection = (typed_to(before.text, text),) * 2
            self.let_go()
        if self.text != known:
            self._typed()

    def _carry_over(self, before: Shown, text: str, sent: Sequence[tuple[str, int | None]]) -> None:
        """Take what was typed on a text that the page had before over to the one that is pushed.

        Args:
            before: what it was typed on.
            text: what the page has of it.
            sent: what the page was sent since, with the caret.
        """
        carets = [before.caret, *(carried_by_units(before.text, *each) for each in sent)]
        inserted = inserted_at(before.text, text, carets)
        if inserted is not None and self.selection is not None and len({*self.selection}) == 1:
            # At the caret, wherever that is by now: also where the page has lost the text that it
            # was sent to a keystroke, and kept the caret that came with it.
            caret = self._within(self.selection)[0]
            self.selection = (caret + len(inserted),) * 2
            self._push(self.text[:caret] + inserted + self.text[caret:], moves=False)
            return
        known, self.text = self.text, text
        self.selection = (typed_to(before.text, text),) * 2
        self._push(rebased(before.text, text, known))

    def selected(self, base_units: int, extent_units: int) -> None:
        """Take in what is selected, in UTF-16 units; a caret is a selection of nothing."""
        if self._holding is not None:
            old = self._shown[0].text
            selection = from_units(old, base_units), from_units(old, extent_units)
            self._shown[0] = Shown(old, selection[1])
            self.selection = moved_selection(selection, old, self.text)
            return
        selection = from_units(self.text, base_units), from_units(self.text, extent_units)
        if self._went_to_the_end(selection):
            self._is_unheard = False
            self._push(self.text)
            return
        self._is_unheard = False
        self.selection = selection
        self._shown[-1:] = [Shown(self.text, selection[1])]

    def draw(self) -> tuple[str, Selection | None]:
        """Give text and selection (in UTF-16 units) as the page is sent them now."""
        if not self._is_sent:
            self._is_sent = True
            caret = None if self.selection is None else self.selection[1]
            self._shown = [*self._shown, Shown(self.text, caret)][-_SHOWN_MAX:]
        if self.selection is None or not self.has_keyboard:
            return self.text, None
        return self.text, self._in_units(self.selection)

    def drew(self, beat: int) -> None:
        """Take in that the page has drawn a push: its number, modulo `BEATS`."""
        if self._pushed is not None and self._is_sent and self._pushed.number % BEATS == beat:
            self.let_go()

    def let_go(self) -> None:
        """Believe again what the page says of its caret: it has drawn the last push."""
        if self._holding is None or self._pushed is None:
            return
        self._holding.cancel()
        self._holding = None
        selection = None
        if self.text == self._pushed.text and self.selection is not None:
            self._is_unheard = True
            wanted = self._in_units(self.selection)
            selection = None if wanted == self._pushed.selection else wanted
        self._ears.let_go(LetGo(self._pushed.number, selection))
        for news in self.news_waiting:
            self._ears.news(news)
        self.news_waiting.clear()

    def replace(self, text: str) -> None:
        """Change the text from beside the box: a ticked line, a link put in."""
        if text != self.text:
            self._push(text)
            self._typed()

    def select(self, selection: Selection) -> None:
        """Select something, in code points of the text as it is."""
        self.selection, self.has_keyboard = selection, True
        self._push(self.text, moves=False)

    # -- what the store says ----------------------------------------------------------------------

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
                # The text stays in the box; the next keystroke tries again.
                self._ears.complain(error)

    async def close(self) -> None:
        """Save what was typed, as a change."""
        if self._holding is not None:
            self._holding.cancel()
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
            self._push(latest)
        if merged != ours:
            writers, own = await asyncio.to_thread(self._drafts.writers, self.doc, before)
            news = News(tuple(writers), own, merged, places(ours, merged))
            if self._holding is not None:
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

    def _push(self, text: str, *, moves: bool = True) -> None:
        selection = None
        if self.selection is not None:
            if moves:
                self.selection = moved_selection(self._within(self.selection), self.text, text)
            selection = selection_in_units(text, self.selection) if self.has_keyboard else None
        self._is_sent = False
        self.text = text
        number = 1 if self._pushed is None else self._pushed.number + 1
        self._pushed, self._pushed_at = Push(number, text, selection), self._now()
        if self._holding is not None:
            self._holding.cancel()
        loop = asyncio.get_running_loop()
        self._holding = loop.call_later(self._held_s, self.let_go) if selection else None
        self.changed.set()
        self._ears.show(self._pushed)

    def _within(self, selection: Selection) -> Selection:
        base, extent = selection
        return min(base, len(self.text)), min(extent, len(self.text))

    def _in_units(self, selection: Selection) -> Selection:
        return selection_in_units(self.text, self._within(selection))

    def _went_to_the_end(self, selection: Selection) -> bool:
        """Tell whether the page put the caret where a new text leaves it, not where we said.

        That is so where it drew a push only after it was let go.
        """
        pushed = self._pushed
        if not self._is_unheard or pushed is None or pushed.selection is None:
            return False
        end = len(self.text)
        return (
            self.text == pushed.text
            and selection == (end, end)
            and self.selection not in (None, (end, end))
        )

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

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
