"""How one begins: alone, with examples."""

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
