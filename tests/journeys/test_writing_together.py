"""A note in which one types while others edit it: where the caret is, and whose words are there."""

import re
from functools import partial

from playwright.sync_api import expect

from store.replica import Replica
from tests.journeys.people import Company, Person
from tests.journeys.typing_apart import opened_desk
from tests.support.chromium import AppPage

_CARET = "[document.activeElement.selectionStart, document.activeElement.selectionEnd]"
_DRAWN_TWICE = """() => new Promise(
    done => requestAnimationFrame(() => requestAnimationFrame(done))
)"""


def is_sent(person: Person, doc: str, body: str) -> bool:
    """Whether what was typed is a change by now, and the server has it."""
    row = person.cairn("show", doc)
    return (row["body"], row["sync"]) == (body, "synced")


def is_at(page: AppPage, start: int, end: int) -> bool:
    """Whether that is selected, in UTF-16 units."""
    return bool(page.page.evaluate(_CARET) == [start, end])


def is_at_start(page: AppPage) -> bool:
    """Press Control and Home; whether that is where the caret is. The engine may put it back."""
    page.page.keyboard.press("Control+Home")
    page.page.evaluate(_DRAWN_TWICE)
    return is_at(page, 0, 0)


def test_a_note_changes_around_the_caret_and_says_who_changed_it(company: Company) -> None:
    ann, bea = company.person("Ann"), company.person("Bea")
    company.share(ann, bea)
    body = "Water is at the hut. 🧗\n\n- [ ] big rope\n"
    plan = ann.cairn("note", "Plan", "--body", "-", given=body)["id"]
    ann.cairn("sync")
    bea.cairn("sync")
    page = company.opens(ann)
    page.go("Notes")
    page.press(re.compile("^Plan"))
    page.sees("Water is at the hut.")  # as it reads

    # Ann selects `hut`, behind nothing yet; Bea writes before it and behind it
    page.field("Text").click()
    expect(page.field("Text")).to_have_value(body)
    page.page.wait_for_timeout(500)  # until the engine hears the keyboard
    page.until(partial(is_at_start, page))
    for at in range(1, 17):  # one by one: the engine takes its time for each
        page.page.keyboard.press("ArrowRight")
        page.until(partial(is_at, page, at, at))
    # The browser moves the caret and tells the engine so by its next frame; the engine, which
    # selects, would begin where it was before.
    page.page.evaluate(_DRAWN_TWICE)
    for end in range(17, 20):
        page.page.keyboard.press("Shift+ArrowRight")
        page.until(partial(is_at, page, 16, end))
    changed = body.replace("Water", "🏔 Cold water").replace("big", "big red")
    bea.cairn("edit", plan, "--body", "-", given=changed)
    bea.cairn("sync")

    # the text changes around the selection, and a line says so
    page.sees("Bea edited 2 places")
    expect(page.field("Text")).to_have_value(changed)
    start = len("🏔 Cold water is at the ".encode("utf-16-le")) // 2
    page.until(partial(is_at, page, start, start + 3))
    page.page.wait_for_timeout(500)
    assert page.page.evaluate(_CARET) == [start, start + 3]

    # what Ann types replaces what she had selected, and both keep everything
    page.page.keyboard.type("cabin")
    merged = changed.replace("hut", "cabin")
    expect(page.field("Text")).to_have_value(merged)
    page.until(lambda: is_sent(ann, plan, merged))
    bea.cairn("sync", expect=(0, 4))
    assert bea.cairn("show", plan)["body"] == merged

    # the line says where
    page.press("Show")
    page.sees("added: 🏔 Cold")

    # a tick in the preview is an edit like any other
    page.box("Tick: big red rope").click()
    expect(page.box("Tick: big red rope")).to_be_checked()
    page.field("Text").click()  # a box without the keyboard keeps what it said before
    expect(page.field("Text")).to_have_value(merged.replace("[ ]", "[x]"))


def test_no_typed_sign_is_lost_or_doubled(company: Company) -> None:
    """A few stories of `python -m tests.journeys.typing_apart`, which looks at places too."""
    ann = company.person("Ann")
    with Replica.open(ann.home) as beside:
        desk = opened_desk(company, ann, beside)
        for seed in range(3):
            lost, _ = desk.run(seed)
            assert lost == [], f"seed {seed}"
