"""Who has the keyboard: a field, what is open above the screens, or the screens themselves.

The page tells of both ends late. A dialog that is told to go is drawn for a moment more, and only
then says that it went: what is pressed in that moment is meant for what is below it, so it waits. A
field that takes the keyboard when it appears says so once it has appeared: what is pressed before
that is meant for it, so it is no shortcut but is kept, and the field takes it (`use_coming_field`).
Neither is waited for without end, since a page that was closed says nothing. Belongs to the loop.
"""

import asyncio
from collections.abc import Callable
from typing import Final

GOES_WITHIN_S: Final = 3.0  # a dialog, on a slow machine
COMES_WITHIN_S: Final = 10.0  # a field, on a slow machine


class Hearing:
    """Of one tab."""

    def __init__(
        self, *, goes_within_s: float = GOES_WITHIN_S, comes_within_s: float = COMES_WITHIN_S
    ) -> None:
        """Begin with the screens; the limits are in seconds."""
        # What goes away from each question that waits for an answer above the screens.
        self.questions: list[Callable[[], None]] = []
        self.moves = 0  # keys pressed so far that may move a caret
        self._goes_within_s = goes_within_s
        self._comes_within_s = comes_within_s
        self._typing_in = 0
        self._goes_until = self._settles_until = self._comes_until = float("-inf")
        self._waiting: list[asyncio.Future[None]] = []
        self._coming = 0  # how many fields were awaited so far
        self._early = ""  # typed for a field that has not come yet

    # -- fields -----------------------------------------------------------------------------------

    @property
    def is_typing(self) -> bool:
        """Whether a text field has the keyboard, or is about to: then its keys are the field's."""
        return self._typing_in > 0 or self.awaits_field

    @property
    def awaits_field(self) -> bool:
        """Whether a field is about to have the keyboard."""
        return self._now() < self._comes_until

    def field_comes(self) -> int:
        """Note that a field will appear which takes the keyboard.

        Returns:
            Which one it is, for `field_stays_away`.
        """
        self._comes_until = self._now() + self._comes_within_s
        self._coming += 1
        return self._coming

    def field_stays_away(self, coming: int | None = None) -> None:
        """Note that the awaited field is gone, and what was typed for it.

        Args:
            coming: says nothing of one that is awaited since; None = whichever is awaited.
        """
        if coming in (None, self._coming):
            self._comes_until = float("-inf")
            self._early = ""

    def typed_early(self, sign: str) -> None:
        """Keep what was typed for the field that comes; nothing takes back the sign before it."""
        self._early = self._early + sign if sign else self._early[:-1]

    def take_early(self) -> str:
        """Give what was typed for the field that has come, once."""
        early, self._early = self._early, ""
        return early

    def typing_in(self, begins: bool) -> None:
        """Note that a field has the keyboard, or lost it; told by `FieldFocus`, once each way."""
        if begins:
            self._comes_until = float("-inf")
        self._typing_in = max(self._typing_in + (1 if begins else -1), 0)
        self._look()

    # -- what is above the screens ----------------------------------------------------------------

    @property
    def is_going(self) -> bool:
        """Whether what is above the screens was told to go and has not said that it went."""
        return self._now() < self._goes_until

    def goes(self) -> None:
        """Note that the dialog which is open goes away."""
        self._goes_until = self._settles_until = self._now() + self._goes_within_s

    def went(self) -> None:
        """Note that it went."""
        self._goes_until = float("-inf")
        self._look()

    async def settled(self) -> None:
        """Wait until nothing goes away, and no field in it has the keyboard any more."""
        left_s = self._settles_until - self._now()
        if left_s <= 0:
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(left_s):
                await turn
        except TimeoutError:
            return  # it stays, or nobody says that it went: what is pressed is its own
        finally:
            self._waiting.remove(turn)

    def _look(self) -> None:
        if self.is_going or self._typing_in:
            return
        self._settles_until = float("-inf")
        for turn in self._waiting:
            if not turn.done():
                turn.set_result(None)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
