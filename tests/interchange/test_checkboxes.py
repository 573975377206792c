"""Which lines are checkboxes."""

import pytest

from store.domain.code_regions import masked
from store.interchange.checkboxes import Checkbox, checkboxes


def boxes(text: str) -> list[tuple[str, bool]]:
    return [(box.text, box.is_done) for box in checkboxes(text, masked(text))]


@pytest.mark.parametrize(
    "line",
    [
        "- [ ] rope",
        "* [ ] rope",
        "+ [ ] rope",
        "1. [ ] rope",
        "23) [ ] rope",
        "   - [ ] rope",
        "\t- [ ]\trope  ",
        "> - [ ] rope",
        "> > * [ ] rope",
    ],
)
def test_a_list_item_that_begins_with_a_box_is_one(line: str) -> None:
    assert boxes(f"- list\n{line}\n") == [("rope", False)]


@pytest.mark.parametrize("mark", ["x", "X"])
def test_a_ticked_box_is_done(mark: str) -> None:
    assert boxes(f"- [{mark}] rope") == [("rope", True)]


@pytest.mark.parametrize(
    "line",
    [
        "[ ] rope",
        "- [] rope",
        "- [x](rope.md)",
        "- [ ]rope",
        "- [ ] ",
        "-[ ] rope",
        "- [y] rope",
        "`- [ ] rope`",
        "text - [ ] rope",
        "    - [ ] rope",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    assert boxes(line) == []


def test_equal_lines_are_told_apart_by_their_order() -> None:
    text = "- [ ] rope\n- [ ] map\n- [x] rope\n"

    assert checkboxes(text, text) == [
        Checkbox("rope", False, 1),
        Checkbox("map", False, 1),
        Checkbox("rope", True, 2),
    ]
