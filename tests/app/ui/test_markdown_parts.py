"""A Markdown text cut into what can be ticked and what is only read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.markdown_parts import Box, Words, only_text_of_pictures, parts_of, ticked

PLAN = """# Plan

- [ ] big rope
- [x] map
  two of them
    - [ ] of the hut

Water is *far*.
"""


def test_checklist_lines_are_boxes_and_the_rest_is_text() -> None:
    assert parts_of(PLAN) == [
        Words("# Plan"),
        Box(at=PLAN.index("[ ] big") + 1, indent=0, is_done=False, text="big rope"),
        Box(at=PLAN.index("[x]") + 1, indent=0, is_done=True, text="map"),
        Words("two of them", indent=2),
        Box(at=PLAN.index("[ ] of") + 1, indent=4, is_done=False, text="of the hut"),
        Words("Water is *far*."),
    ]


@pytest.mark.parametrize(
    "text",
    ["```\n- [ ] code\n```", "`- [ ] code`", "- [] none", "- [ ]", "[ ] none", "\\- [ ] none", ""],
)
def test_what_is_no_checklist_is_no_box(text: str) -> None:
    assert not [part for part in parts_of(text) if isinstance(part, Box)]


def test_a_tick_changes_one_character() -> None:
    box = next(part for part in parts_of(PLAN) if isinstance(part, Box))

    done = ticked(PLAN, box)

    assert done == PLAN.replace("[ ] big", "[x] big")
    assert ticked(done, parts_of(done)[1]) == PLAN  # type: ignore[arg-type]


@given(st.text(alphabet="-[ ]xa\n \t`>*1.", max_size=60))
def test_every_box_can_be_ticked_and_unticked(text: str) -> None:
    for number, part in enumerate(parts_of(text)):
        if isinstance(part, Box):
            assert text[part.at - 1] + text[part.at + 1] == "[]"
            again = parts_of(ticked(text, part))[number]
            assert again == Box(part.at, part.indent, not part.is_done, part.text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![a hut](https://hut.example/a.png)", "[🖼 a hut](https://hut.example/a.png)"),
        ("![](a.png)", "[🖼 picture](a.png)"),
        ("`![a](b)`", "`![a](b)`"),
        ("Stop![a][b]", "Stop[🖼 a][b]"),
    ],
)
def test_no_picture_is_loaded(text: str, expected: str) -> None:
    assert only_text_of_pictures(text) == expected
