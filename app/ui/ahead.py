"""What a field shows of signs that were typed before it had the keyboard. Pure.

They are pushed to the page once the field has the keyboard. A sign that is typed until the push is
there is lost on the page, which shows the push in its place; so what the page says is carried over
to what the field shall show, until both agree.
"""

from app.ui.text_moves import nearest, rebased


class Ahead:
    """Of one field; `wanted` is what it shall show."""

    def __init__(self, there: str, early: str) -> None:
        """Begin with what the page shows, and what is to be put behind it."""
        self.wanted = there + early
        self._shown = [there, self.wanted]

    def typed(self, text: str) -> str:
        """Take in what the page says after a keystroke; gives what it shall show."""
        origin = nearest(text, self._shown)
        before, later = self._shown[origin], self._shown[origin + 1 :]
        self.wanted = rebased(before, text, self.wanted)
        # The page can't go back to what it showed before.
        self._shown = [text, *later]
        if self.wanted != self._shown[-1]:
            self._shown.append(self.wanted)
        return self.wanted
