"""A phone: fingers, a keyboard over half of the screen, a system that kills without a word."""

from playwright.sync_api import Browser, Locator, expect

from store.domain.ids import DocId
from store.replica import Replica
from tests.journeys.people import Company, Person
from tests.support.chromium import NARROW, PHONE, AppPage
from tests.support.flet_harness import open_replica
from tests.support.phone import running_phone

_KEYBOARD_PX = 380  # of 844
# Without letters that are shortcuts: a key that comes before the engine hears the field is one.
_TEXT = "Coffee, bread, a lamp, rope"


def test_what_was_typed_when_the_system_killed_the_app_is_there_again(
    company: Company, browser: Browser
) -> None:
    ann = company.person("Ann")
    with open_replica(ann.home, "Ann", "Anns phone") as replica:
        plan = replica.add_note("Plan")

    with running_phone(ann.home) as phone:
        page = opened(browser, phone.url)
        page.page.get_by_role("tab", name="Notes").tap()
        page.button("Plan").tap()
        page.write("Text", _TEXT)
        until_durable(page, ann, plan, _TEXT)
        phone.kill()
        page.close()

    with running_phone(ann.home) as phone:
        page = opened(browser, phone.url)
        page.page.get_by_role("tab", name="Notes").tap()
        page.button("Plan").tap()
        page.field("Text").tap()  # the engine tells a field's value only of one that is typed in
        expect(page.field("Text")).to_have_value(_TEXT)
        page.close()
    assert ann.cairn("doctor")["ok"]


def test_the_field_that_is_typed_in_stays_above_the_keyboard(
    company: Company, browser: Browser
) -> None:
    ann = company.person("Ann")
    with running_phone(ann.home) as phone:
        page = opened(browser, phone.url)
        page.page.get_by_role("tab", name="More").tap()
        page.button("Settings").tap()
        field = page.field("This device")
        field.scroll_into_view_if_needed()
        field.tap()
        expect(field).to_be_focused()

        width, height = NARROW
        page.page.set_viewport_size({"width": width, "height": height - _KEYBOARD_PX})

        page.write("This device", "Ola Pad")
        page.until(lambda: is_within(field, height - _KEYBOARD_PX))
        page.close()


def opened(browser: Browser, url: str) -> AppPage:
    """The app in the hand."""
    return AppPage(browser, url, size=NARROW, device=PHONE)


def until_durable(page: AppPage, who: Person, doc: DocId, text: str) -> None:
    """Wait until the disk has what the box says, as a change or as a draft."""
    for _ in range(200):
        with Replica.open(who.home) as replica:
            if replica.text(doc)[0] == text:
                return
        page.page.wait_for_timeout(50)
    raise AssertionError(f"{text!r} did not reach the disk")


def is_within(field: Locator, height_px: float) -> bool:
    box = field.bounding_box()
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= height_px
