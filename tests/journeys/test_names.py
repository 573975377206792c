"""Every control of every screen has a name: for screen readers, and for who speaks to the page."""

import pytest

from tests.journeys.people import Company, expect_names
from tests.support.chromium import NARROW, WIDE


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_no_control_of_any_screen_is_nameless(company: Company, size: tuple[int, int]) -> None:
    ann = company.person("Ann")
    ann.cairn("add", "Book the bus friday #travel")
    ann.cairn("note", "Plan")
    page = company.opens(ann, size=size)

    page.press("Book the bus")
    page.sees("What happened")
    expect_names(page, "the task")
    page.go("Notes")
    page.sees("Plan")
    expect_names(page, "Notes")
    page.press("Plan")
    page.field("Text").wait_for(state="attached")
    expect_names(page, "the note")
    for screen, said in (
        ("Search", "Type a word"),
        ("Conflicts", "All agree"),
        ("Activity", "You added"),
    ):
        page.go(screen)
        page.sees(said)
        expect_names(page, screen)
    page.go("Settings")
    page.sees("Appearance")
    for _ in page.scroll_to("Licences of its parts"):
        expect_names(page, "Settings")
    page.go("Conflicts")
    page.press("Sync: local only")
    page.sees("Nothing has to be sent")
    expect_names(page, "the sync sheet")
    page.page.keyboard.press("Escape")
    page.sees_no("Nothing has to be sent")
    page.page.keyboard.press("?")
    page.sees("New task, from anywhere")
    expect_names(page, "the shortcuts")
    page.page.keyboard.press("Escape")
    page.sees_no("New task, from anywhere")
    page.page.keyboard.press("n")
    page.sees("A day, a time, #tag")
    expect_names(page, "quick add")
