"""What a page shows of a text while it is changed from both sides: by keys, and by what is pushed.

A text that is pushed to the page is *held* until the page says that it has drawn it, or a keystroke
shows it: what the page says meanwhile of its caret may still be about the text before it, and
nothing around the box may be drawn anew, which would put the caret back to where the push had it.
Belongs to the loop.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.ui.put_back import PutBack
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


class PageText:
    """A text and its selection, in code points, and what of both the page has by now.

    Attributes:
        has_keyboard: whether one types in the box: only then it is sent a selection.
        changed: set whenever the text changes, from whichever side.
        moves: counts the keys that may have moved the caret.
    """

    def __init__(
        self, show: Callable[[Push], None], let_go: Callable[[LetGo], None], held_s: float
    ) -> None:
        """Begin with nothing shown.

        Args:
            show: told to draw a push, by `draw`.
            let_go: told that a push is held no more.
            held_s: seconds for which one is held at most.
        """
        self.text = ""
        self.selection: Selection | None = None
        self.has_keyboard = False
        self.moves: Callable[[], int] = lambda: 0
        self.changed = asyncio.Event()
        self._show = show
        self._tell_let_go = let_go
        self._held_s = held_s
        # What the page may show by now, oldest first: what it was sent takes its time.
        self._shown: list[Shown] = []
        self._is_sent = True
        self._pushed: Push | None = None
        self._pushed_at = 0.0
        self._holding: asyncio.TimerHandle | None = None
        self._moved_to: Selection | None = None  # where the caret was put while a push is held
        self._put_back = PutBack()

    @property
    def is_held(self) -> bool:
        """Whether the page has still to say that it drew what was pushed."""
        return self._holding is not None

    def close(self) -> None:
        """Hold nothing any more."""
        if self._holding is not None:
            self._holding.cancel()
            self._holding = None

    # -- what the page says -----------------------------------------------------------------------

    def typed(self, text: str) -> None:
        """Take in what the box says after a keystroke."""
        if self._holding is None and self._now() - self._pushed_at > _ON_THEIR_WAY_S:
            self._shown = self._shown[-1:]
        origin = nearest(text, [each.text for each in self._shown])
        before, later = self._shown[origin], self._shown[origin + 1 :]
        # The page can't go back to what it showed before.
        self._shown = [Shown(text, typed_to(before.text, text)), *later]
        self._moved_to = None
        known = self.text
        if later or not self._is_sent:  # typed before the page had what we push
            self._carry_over(before, text, [(each.text, each.caret) for each in later])
        elif (wanted := self._put_back.typed(before.text, text, self.moves())) is not None:
            self.selection = (wanted.at + len(wanted.inserted),) * 2
            self.push(wanted.text, moves=False)
        else:
            self.text = text
            self.selection = (typed_to(before.text, text),) * 2
            self.let_go()
        if self.text != known:
            self.changed.set()

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
            self.push(self.text[:caret] + inserted + self.text[caret:], moves=False)
            return
        known, self.text = self.text, text
        self.selection = (typed_to(before.text, text),) * 2
        self.push(rebased(before.text, text, known))

    def selected(self, base_units: int, extent_units: int) -> None:
        """Take in what is selected, in UTF-16 units; a caret is a selection of nothing."""
        self._put_back.told(from_units(self.text, extent_units))
        if self._holding is not None:
            # With a key the page tells first where the caret is then and the text after that, so
            # this holds only if no text follows.
            old = self._shown[0].text
            selection = from_units(old, base_units), from_units(old, extent_units)
            self._moved_to = moved_selection(selection, old, self.text)
            return
        selection = from_units(self.text, base_units), from_units(self.text, extent_units)
        self.selection = selection
        self._shown[-1:] = [Shown(self.text, selection[1])]

    def draw(self) -> tuple[str, Selection | None]:
        """Give text and selection (in UTF-16 units) as the page is sent them now."""
        if not self._is_sent:
            self._is_sent = True
            caret = None if self.selection is None else self.selection[1]
            self._shown = [*self._shown, Shown(self.text, caret)][-_SHOWN_MAX:]
            self._put_back = PutBack(caret if self.has_keyboard else None, self.moves())
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
        if self._moved_to is not None:
            self.selection, self._moved_to = self._moved_to, None
            self._put_back.moved(self.selection[1], self.moves())
        selection = None
        if self.text == self._pushed.text and self.selection is not None:
            wanted = self._in_units(self.selection)
            selection = None if wanted == self._pushed.selection else wanted
        self._tell_let_go(LetGo(self._pushed.number, selection))

    def select(self, selection: Selection) -> None:
        """Select something, in code points of the text as it is."""
        self.selection, self.has_keyboard = selection, True
        self.push(self.text, moves=False)

    # -- what is pushed to it ---------------------------------------------------------------------

    def push(self, text: str, *, moves: bool = True) -> None:
        """Show another text.

        Args:
            text: it.
            moves: whether the selection is carried over; it is where it shall be otherwise.
        """
        selection = None
        if self.selection is not None:
            if moves:
                self.selection = moved_selection(self._within(self.selection), self.text, text)
            selection = selection_in_units(text, self.selection) if self.has_keyboard else None
        if self._moved_to is not None:
            self._moved_to = moved_selection(self._moved_to, self.text, text)
        self._is_sent = False
        self.text = text
        number = 1 if self._pushed is None else self._pushed.number + 1
        self._pushed, self._pushed_at = Push(number, text, selection), self._now()
        if self._holding is not None:
            self._holding.cancel()
        loop = asyncio.get_running_loop()
        self._holding = loop.call_later(self._held_s, self.let_go) if selection else None
        self.changed.set()
        self._show(self._pushed)

    def _within(self, selection: Selection) -> Selection:
        base, extent = selection
        return min(base, len(self.text)), min(extent, len(self.text))

    def _in_units(self, selection: Selection) -> Selection:
        return selection_in_units(self.text, self._within(selection))

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
