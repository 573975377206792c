"""How one begins: alone with examples, or by joining others, then offline and online again."""

import re

import pytest

from tests.journeys.people import Company
from tests.support.chromium import NARROW

pytestmark = pytest.mark.xdist_group("beginning")


def test_the_first_run_alone_with_examples_that_one_tap_removes(company: Company) -> None:
    page = company.opens(company.newcomer("Ann"), size=NARROW)
    page.sees("Step 1 of 3")
    assert page.nameless() == []
    page.write("Your name", "Ann Lake")
    page.press("Next")
    page.press("Start alone")
    page.press("Show me examples")
    page.sees("Tick me off")
    assert page.nameless() == []

    page.press("Remove the examples")
    page.sees("Nothing is in this list")
    page.press("Undo")
    page.sees("Tick me off")


def test_one_joins_by_a_link_goes_offline_and_comes_back(company: Company) -> None:
    ann, bea = company.person("Ann"), company.newcomer("Bea")
    company.share(ann)
    ann.cairn("add", "Book the bus")
    ann.cairn("sync")

    # joins in the first run
    page = company.opens(bea)
    page.press("Next")
    page.write("Invite link or code", ann.cairn("invite")["link"])
    page.press("Join")
    page.press("Start empty")
    page.sees("Book the bus")
    page.sees("Sync: synced")

    # offline: what is written stays, is said to wait, and the light says not yet
    company.stop_server()
    page.page.keyboard.press("n")
    page.sees("A day, a time, #tag")
    page.typed("Pack the tent")
    page.page.keyboard.press("Enter")
    page.sees("Pack the tent waiting to be sent")
    page.press(re.compile("^Sync: offline, 1 waiting"))
    page.sees("Not yet: 1 change on this device only")
    page.sees("Waiting: “Pack the tent”")

    # online: acknowledged, and the light says so
    company.start_server()
    page.sees("Safe to close the lid")
    page.page.keyboard.press("Escape")
    page.sees("Sync: synced")
    ann.cairn("sync")
    assert "Pack the tent" in {each["title"] for each in ann.cairn("tasks")}
