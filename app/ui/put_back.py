"""A caret that the page puts back to where a push had it, though somebody typed in between.

Until the page hears that a push is held no more, whatever draws its box anew puts the caret where
the push had it, and the page tells nothing of that. What is typed next lands before what was typed
since the push. It is known by that: it stands exactly there, nobody pressed a key that moves a
caret, and the page did not tell that the caret was moved there. Pure, in code points.
"""

from dataclasses import dataclass

from app.ui.text_moves import inserted_at, typed_to


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed, and where it was wanted.

    Attributes:
        text: the text with it there.
        at: where that is.
    """

    inserted: str
    at: int
    text: str


class PutBack:
    """Of one push."""

    def __init__(self, caret: int | None = None, moves: int = 0) -> None:
        """Begin with where the push had the caret; None where nothing can be put back.

        Args:
            caret: it.
            moves: how many keys had moved a caret by then.
        """
        self._caret = caret
        self._moves = moves
        self._ahead: int | None = None  # where one went on typing, while the page told no caret
        self._is_told = False

    def moved(self, caret: int, moves: int) -> None:
        """Take in where one moved the caret while the push was held, which the page hears late.

        Args:
            caret: where to.
            moves: how many keys had moved a caret by then.
        """
        self._ahead, self._moves, self._is_told = caret, moves, False

    def told(self, caret: int) -> None:
        """Take in where the page says that its caret is."""
        self._is_told = True
        if caret == self._caret:
            self._caret = None  # moved there by hand

    def typed(self, before: str, text: str, moves: int) -> Wanted | None:
        """Take in a keystroke; tells where it was wanted if the caret had been put back.

        Args:
            before: the text that it was typed on.
            text: the text afterwards.
            moves: how many keys have moved a caret by now.
        """
        if self._caret is None or moves != self._moves:
            self._caret = None
            return None
        found = None
        if self._ahead is not None and inserted_at(before, text, [self._ahead]) is None:
            inserted, at = inserted_at(before, text, [self._caret]), self._ahead
            if inserted is not None:
                found = Wanted(inserted, at, before[:at] + inserted + before[at:])
        if found is not None or self._is_told:
            self._caret = None
        else:
            self._ahead = typed_to(before, text)
        return found
