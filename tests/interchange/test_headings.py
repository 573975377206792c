"""Which heading gives a note its title."""

import pytest

from store.domain.code_regions import masked
from store.interchange.headings import heading_of


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# A hut\n", "A hut"),
        ("## A chapter\n\n# A part\n", "A chapter"),
        ("Words first.\n\n## Not this\n\n# This\n", "This"),
        ("<!-- a\nb -->\n<a id='x'></a>\n{% raw %}\n\n### Below\n", "Below"),
        ("A hut\n=====\n", "A hut"),
        ("A hut\n---\n", "A hut"),
        ("Words.\n\nA hut\n=====\n", "A hut"),
        ("```sh\n# a comment\n```\n\n# This\n", "This"),
        ("# `Rc<T>`, *the* [counter](rc.md) &amp; **more** ##\n", "Rc<T>, the counter & more"),
        ("# snake_case and _stress_ {#anchor}\n", "snake_case and stress"),
        ("#hashtag\n", None),
        ("#\n", None),
        ("- item\n---\n", None),
        ("Words only.\n", None),
        ("", None),
    ],
)
def test_a_text_is_named_by_the_heading_it_opens_with_else_by_its_first_top_heading(
    text: str, title: str | None
) -> None:
    assert heading_of(text, masked(text)) == title
