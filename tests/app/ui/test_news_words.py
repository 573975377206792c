"""What the quiet line above a text says of who edited it."""

import pytest

from app.ui.open_text import News
from app.ui.views.news_line import news_words
from store.domain.word_diff import Place

ANN = ("Ann", "laptop")


def news(*writers: tuple[str, str], places: int = 1) -> News:
    return News(writers, ANN, "text", tuple(Place(n, n + 1, "") for n in range(places)))


@pytest.mark.parametrize(
    ("came", "words"),
    [
        ([news(("Bea", "phone"))], "Bea edited 1 place"),
        ([news(("Bea", "phone"), places=2)], "Bea edited 2 places"),
        ([news(("Bea", "phone")), news(("Cid", "pc"))], "Bea and Cid edited 2 places"),
        (
            [news(("Bea", "phone"), ("Cid", "pc"), ("Dan", "pc"))],
            "Bea, Cid and Dan edited 1 place",
        ),
        ([news(("Bea", "phone"), ("Bea", "pc"))], "Bea edited 1 place"),
        ([news(("Bea", "phone"), ANN)], "Bea edited 1 place"),  # what Ann wrote there is in it too
        ([news(ANN)], "You, elsewhere, edited 1 place"),
        ([news(("Ann", "phone"))], "You, on phone, edited 1 place"),
        ([news(("", "phone"))], "Somebody edited 1 place"),
        ([news()], "Somebody edited 1 place"),
    ],
)
def test_it_names_who_edited_how_many_places(came: list[News], words: str) -> None:
    assert news_words(came) == words
