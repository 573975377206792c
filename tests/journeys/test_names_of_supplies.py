"""Every control of supplies, money and Sync health has a name, on a phone."""

import re

from tests.journeys.people import Company, expect_names
from tests.support.chromium import NARROW


def test_no_control_of_supplies_money_and_health_is_nameless(company: Company) -> None:
    ann = company.person("Ann")
    ann.cairn("stock", "add", "Tent", "--count", "3")
    ann.cairn("budget", "add", "Food", "--currency", "EUR")
    ann.cairn("budget", "add", "Hut", "--currency", "EUR")
    page = company.opens(ann, size=NARROW)

    page.go("Supplies")
    page.sees("3 of 3 left")
    expect_names(page, "Supplies")
    page.press("New supplies")
    page.sees("Technical name")
    expect_names(page, "new supplies")
    page.press("Back to the list")
    page.press(re.compile("^Tent"))
    page.press("What owners may do")
    page.field("Words of the apology").wait_for(state="attached")
    expect_names(page, "an item")
    page.go("Budget")
    page.press(re.compile("^Food"))
    page.field("Move (EUR)").wait_for(state="attached")
    expect_names(page, "a budget")
    page.press("Back to the list")
    expect_names(page, "Budget")
    page.press(re.compile("^Bookings"))
    page.field("What for").wait_for(state="attached")
    expect_names(page, "bookings")
    page.go("Sync health")
    page.sees("All is well")
    for _ in page.scroll_to("When to warn…"):
        expect_names(page, "Sync health")
