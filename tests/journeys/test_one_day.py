"""One person, one app, one tab: what they do all day, each journey with things of its own."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.journeys.people import Company, Person
from tests.support.chromium import NARROW, WIDE, AppPage

pytestmark = pytest.mark.xdist_group("one-day")

# Arabic, Hebrew with vowels, emoji with a joiner and a skin tone, Chinese, Japanese, Korean, Thai.
SCRIPTS: Final = (
    "اشترِ حبلًا للتسلّق",
    "לִקְנוֹת חֶבֶל",
    "Pack 🧗🏽‍♀️ 👨‍👩‍👧 🏔️",
    "买一根绳子",
    "ロープを買う",
    "밧줄을 사다",
    "ซื้อเชือก",
)
FONT_ASKED_MAX: Final = 2  # of one file: once, and once more where two scripts want it together


@dataclass(frozen=True)
class Day:
    """Ann, and her app in a wide tab."""

    ann: Person
    page: AppPage
    company: Company


@pytest.fixture(scope="module")
def day(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """One app for all of these: each leaves the screens as it found them."""
    with Company(browser, tmp_path_factory.mktemp("day")) as company:
        ann = company.person("Ann")
        yield Day(ann, company.opens(ann), company)


@pytest.fixture
def page(day: Day) -> Iterator[AppPage]:
    """The inbox."""
    day.page.go("Tasks")
    day.page.press(re.compile("^Inbox"))
    yield day.page
    day.page.page.keyboard.press("Escape")


def test_quick_add_from_any_screen_to_done_and_back(page: AppPage, day: Day) -> None:
    page.go("Conflicts")
    page.sees("All agree")
    page.page.keyboard.press("n")
    page.sees("A day, a time, #tag")
    page.typed("Buy rope tomorrow 9am #climb !high")
    page.page.keyboard.press("Enter")
    page.sees("Added: Buy rope")
    (row,) = [each for each in day.ann.cairn("tasks") if each["title"] == "Buy rope"]
    assert (row["priority"], row["tags"]) == ("high", ["climb"])

    page.go("Tasks")
    page.box("Done: Buy rope").click()
    page.sees("Done: Buy rope")
    page.sees_no("Buy rope tomorrow")
    page.page.keyboard.press("Control+z")
    page.sees("Undone: finishing a task.")
    page.box("Done: Buy rope").wait_for(state="attached")


def test_one_task_is_typed_after_the_other(page: AppPage, day: Day) -> None:
    keys = page.page.keyboard
    page.write("New task", "Buy nails")
    keys.press("Enter")
    page.box("Done: Buy nails").wait_for(state="attached")
    page.typed("unpack tin")  # u and t are shortcuts wherever no field has the keyboard
    expect(page.field("New task")).to_have_value("unpack tin")
    keys.press("Enter")
    page.box("Done: unpack tin").wait_for(state="attached")
    assert {"Buy nails", "unpack tin"} <= {each["title"] for each in day.ann.cairn("tasks")}


def test_by_the_keyboard_alone(page: AppPage, day: Day) -> None:
    keys = page.page.keyboard
    page.tab_to("Sort")  # that is no field; the fields below have to take the keyboard
    keys.press("n")
    page.sees("A day, a time, #tag")
    page.typed("fetch the stove")
    keys.press("Enter")
    page.sees("Added: fetch the stove")
    page.sees_no("A day, a time, #tag")

    page.tab_to("Done: fetch the stove")
    keys.press("Space")
    page.sees("Done: fetch the stove")
    keys.press("/")
    page.sees("Type a word")
    page.typed("stove")
    expect(page.field("Search tasks and notes")).to_have_value("stove")
    page.tab_to("Tasks")
    keys.press("Enter")
    page.sees("Inbox")
    keys.press("?")
    page.sees("New task, from anywhere")
    keys.press("Escape")
    page.sees_no("New task, from anywhere")
    keys.press("4")
    page.sees("All agree")
    keys.press("t")
    page.sees("Nothing is due today")
    done = [each for each in day.ann.cairn("tasks") if each["title"] == "fetch the stove"]
    assert done[0]["state"] == "done"


def test_an_import_is_seen_first_then_made_then_undone(
    page: AppPage, day: Day, tmp_path: Path
) -> None:
    (tmp_path / "plan.md").write_text("# The plan\n\nWe leave at six.\n")
    page.go("Settings")
    page.sees("new items go here")
    for _ in page.scroll_to("Preview"):
        pass
    page.write("File or folder on this computer", str(tmp_path))
    page.press("Preview")
    for _ in page.scroll_to("1 new, 0 updated"):
        pass
    assert day.ann.cairn("notes") == []

    for _ in page.scroll_to("Licences of its parts"):
        pass
    page.press(re.compile("^Import$"))
    page.sees("Imported: 1 new")
    assert [each["title"] for each in day.ann.cairn("notes")] == ["The plan"]
    page.press("Undo")
    page.sees("Undone: an import.")
    assert day.ann.cairn("notes") == []


def test_on_a_phone_all_is_reached_by_the_bar(day: Day) -> None:
    page = day.company.opens(day.ann, size=NARROW)  # no field of it has had the keyboard yet
    page.write("New task", "Mend the tent")
    page.press(re.compile("^Add$"))
    page.press("Mend the tent")
    page.sees("What happened")
    page.press("Back to the list")
    for screen, said in (("Activity", "You added"), ("Settings", "Appearance")):
        page.go(screen)
        page.sees(said)
    page.resize(WIDE)
    page.sees("Tab 1 of")


def test_dark_is_dark_and_text_grows_to_twice_its_size(page: AppPage) -> None:
    page.go("Settings")
    page.sees("Appearance")
    page.until(lambda: background(page) > 200)
    page.press(re.compile("^Dark$"))
    page.until(lambda: background(page) < 64)
    page.press(re.compile("^200 %$"))
    page.sees("More")  # so large a text needs the whole width
    assert page.nameless() == []
    page.press(re.compile("^100 %$"))
    page.sees("Tab 1 of")  # the rail is back: nothing moves away from under the next press
    page.press("As the system")
    page.until(lambda: background(page) > 200)


def test_every_script_is_drawn_and_no_font_is_asked_for_again_and_again(
    page: AppPage, day: Day
) -> None:
    for title in SCRIPTS:
        day.ann.cairn("add", title)
    for title in SCRIPTS:
        page.sees(title)
    page.rests()

    fonts = {path: times for path, times in page.asked.items() if "/assets/fonts/" in path}
    assert fonts, "letters that the page's own font lacks need another"
    assert {path: n for path, n in fonts.items() if n > FONT_ASKED_MAX} == {}
    assert page.missing == []


def background(page: AppPage) -> int:
    """How light the corner of the page is, 0 to 255."""
    with Image.open(io.BytesIO(page.page.screenshot())) as shot:
        pixel = shot.convert("L").getpixel((shot.width - 2, shot.height - 2))
    assert isinstance(pixel, int | float)
    return int(pixel)
