"""What is typed around the moment in which a field gets the keyboard: each sign once, in order."""

from random import Random

import pytest

from app.ui.ahead import Ahead


class _Page:
    """A field on a page, and the two ways between it and the app, along which nothing overtakes."""

    def __init__(self, ahead: Ahead) -> None:
        self.text = ""
        self.to_page = [ahead.wanted]
        self.to_app: list[str] = []
        self.ahead = ahead

    def types(self, sign: str) -> None:
        """A key is pressed: the field's text goes to the app."""
        self.text += sign
        self.to_app.append(self.text)

    def moves(self, chance: Random) -> None:
        """One message arrives, if one is on its way."""
        if self.to_page and (not self.to_app or chance.random() < 0.5):
            self.text = self.to_page.pop(0)
        elif self.to_app:
            said = self.to_app.pop(0)
            if (wanted := self.ahead.typed(said)) != said:
                self.to_page.append(wanted)


@pytest.mark.parametrize("seed", range(200))
def test_whatever_crosses_whatever_the_field_shows_all_that_was_typed(seed: int) -> None:
    chance = Random(seed)
    letters = "abcdefghijklmnop"
    early = chance.randint(1, 5)
    page = _Page(Ahead("", letters[:early]))

    for sign in letters[early:]:
        page.types(sign)
        for _ in range(chance.randint(0, 3)):
            page.moves(chance)
    while page.to_page or page.to_app:
        page.moves(chance)

    assert page.text == page.ahead.wanted == letters


def test_signs_come_behind_what_the_field_shows_already() -> None:
    ahead = Ahead("Rope", " and")

    assert ahead.wanted == "Rope and"
    assert ahead.typed("Rope and w") == "Rope and w"
