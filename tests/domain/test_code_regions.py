"""What counts as code, so that links and checkboxes in it are left alone."""

import time

import pytest

from store.domain.code_regions import MASK, masked


def shown(text: str) -> str:
    return masked(text).replace(MASK, "")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a `b` c", "a  c"),
        ("a ``b ` c`` d", "a  d"),
        ("a ` b", "a ` b"),
        (r"a \`b` c", r"a \`b` c"),
        ("a `b\nc` d", "a \n d"),
        ("a ` b\n\nc ` d", "a ` b\n\nc ` d"),
        ("- a ` b\n- c ` d", "- a ` b\n- c ` d"),
        ("```\na\n```\nb", "\n\n\nb"),
        ("```rust\na\n~~~\n````\nb", "\n\n\n\nb"),
        ("~~~\n```\n~~~\nb", "\n\n\nb"),
        ("```\nnever closed", "\n"),
        ("- a\n  ```\n  b\n  ```\n- c", "- a\n\n\n\n- c"),
        ("> ```\n> a\nb", "\n\nb"),
        ("```not a fence``` a", " a"),
        ("a\n\n    code\n\nb", "a\n\n\n\nb"),
        ("a\n    goes on", "a\n    goes on"),
        ("- a\n\n    goes on", "- a\n\n    goes on"),
        ("<!-- a\nb -->\nc", "\n\nc"),
        ("`<!--` a\nb", " a\nb"),
    ],
)
def test_code_and_comments_are_hidden_and_nothing_else(text: str, left: str) -> None:
    assert shown(text) == left


def test_what_is_shown_stands_where_it_stood() -> None:
    text = "# `a` [b](c.md)\n\n```\nd\n```\n\n[e](f.md)"

    mask = masked(text)

    assert len(mask) == len(text)
    assert mask.index("[e]") == text.index("[e]")


@pytest.mark.parametrize(
    "text", ["`" * 300_001, "` `` " * 60_000, "a `b " * 60_000, "> " * 150_000]
)
def test_a_strange_text_takes_no_longer_than_its_length_asks_for(text: str) -> None:
    begun = time.perf_counter()

    masked(text)

    assert time.perf_counter() - begun < 2
