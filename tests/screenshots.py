"""Takes the pictures of the documentation: real apps, a real server, real conflicts.

Writes `assets/screenshots/*.png`. Nothing is drawn for the picture: Ann and Bea edit apart at the
command line, meet at a server, and the app shows what came of it.
"""

import re
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from tests.journeys.people import Company, Person
from tests.support.chromium import NARROW, WIDE, AppPage, running_chromium

FOLDER: Final = Path(__file__).parent.parent / "assets" / "screenshots"
_SIZE: Final = (1100, 700)
_TALL: Final = (1100, 1120)  # an invite stands with its picture to scan
_PLAN: Final = "Water is at the second hut.\n\nWe leave at six.\n\n- [ ] big rope\n- [x] map\n"
_TASKS: Final = (
    "Wax the boots tomorrow #gear +Hut",
    "Fetch the stove today 6pm !high @Kit",
    "Mend the tent #gear #sewing",
    "Ask about the key of the hut friday",
)


def main() -> int:
    """Take all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running_chromium() as browser, tempfile.TemporaryDirectory() as folder:
        trip(browser, Path(folder) / "trip")
        empty(browser, Path(folder) / "empty")
    for path in sorted(FOLDER.glob("*.png")):
        print(f"{path.name}: {path.stat().st_size // 1024} kB")
    return 0


def empty(browser: Browser, folder: Path) -> None:
    """The first run, and a home in which nothing is yet."""
    with Company(browser, folder) as company:
        page = company.opens(company.newcomer("Bea"), size=_SIZE)
        page.sees("Step 1 of 3")
        take(page, "welcome")
        page.close()
        page = company.opens(company.person("Ann"), size=_SIZE)
        page.sees("The inbox is empty")
        take(page, "empty")


def trip(browser: Browser, folder: Path) -> None:
    """Ann and Bea share a space, edit apart, and meet again."""
    with Company(browser, folder) as company:
        ann, bea = company.person("Ann"), company.person("Bea")
        company.share(ann, bea)
        bus, plan = shared_things(ann)
        for someone in (ann, bea):
            someone.cairn("sync")
        supplies(ann)
        company.stop_server()
        edit_apart(ann, bea, bus, plan)
        offline(company, ann)
        company.start_server()
        for someone in (ann, bea, ann):
            someone.cairn("sync", expect=(0, 4))
        together(company, ann)


def shared_things(ann: Person) -> tuple[str, str]:
    """What both have; gives the ids of a task and a note."""
    for line in _TASKS:
        ann.cairn("add", line)
    bus: str = ann.cairn("add", "Book the bus friday #travel")["id"]
    plan: str = ann.cairn("note", "Plan", "--body", "-", given=_PLAN)["id"]
    return bus, plan


def supplies(ann: Person) -> None:
    """What they share of tents, and what Ann has of it."""
    for name, count in (("4-person tent", "4"), ("Gas stove", "3")):
        ann.cairn("stock", "add", name, "--count", count)
    ann.cairn("sync")
    ann.cairn("stock", "quota", "4-person tent", "2")
    ann.cairn("sync")
    ann.cairn("stock", "reserve", "4-person tent", "1")
    ann.cairn("sync")


def edit_apart(ann: Person, bea: Person, bus: str, plan: str) -> None:
    """Both change the same title and the same sentence."""
    ann.cairn("edit", bus, "--title", "Book the early bus")
    bea.cairn("edit", bus, "--title", "Book the late bus")
    text = _PLAN.replace("at six", "at half past five")
    ann.cairn("edit", plan, "--body", "-", given=text)
    bea.cairn("edit", plan, "--body", "-", given=_PLAN.replace("at six", "at seven"))


def offline(company: Company, ann: Person) -> None:
    """The server is not there, and the app says so."""
    page = company.opens(ann, size=_SIZE)
    page.sees("Sync: offline, 2 waiting")
    page.press("Book the early bus")
    page.sees("Trip · open · waiting to be sent")
    take(page, "offline")
    page.press("Sync: offline, 2 waiting")
    page.sees("Not yet: 2 changes on this device only")
    take(page, "sync")
    page.close()


def together(company: Company, ann: Person) -> None:
    """The conflicts, and the other screens, wide and narrow, light and dark."""
    page = company.opens(ann, size=_SIZE)
    page.go("Conflicts")
    page.press("The title was written differently")
    page.sees("what both started from")
    take(page, "conflict")
    page.go("Notes")
    page.press("Plan")
    page.field("Title").wait_for(state="attached")
    take(page, "notes")
    page.go("Activity")
    page.sees("Bea changed")
    take(page, "activity")
    page.go("Supplies")
    page.press(re.compile("^4-person tent"))
    page.sees("Who has what")
    take(page, "supplies")
    page.close()
    page = company.opens(ann, size=_TALL)
    page.go("Settings")
    page.press("Invite of Trip")
    page.press("Make an invite")
    page.sees("QR code of the invite link to Trip")
    take(page, "settings")
    page.close()
    for name, size, dark in (
        ("wide", WIDE, False),
        ("dark", WIDE, True),
        ("narrow", NARROW, False),
    ):
        page = company.opens(ann, size=size, scheme="dark" if dark else "light")
        page.sees("Fetch the stove")
        if size == WIDE:
            page.press("Fetch the stove")
            page.sees("What happened")
        take(page, name)
        page.close()


def take(page: AppPage, name: str) -> None:
    """Take a picture once the page holds still."""
    page.page.mouse.move(0, 0)
    before, now = b"", page.page.screenshot()
    while now != before:
        page.page.wait_for_timeout(400)  # what still moves, moves within this
        before, now = now, page.page.screenshot()
    (FOLDER / f"{name}.png").write_bytes(now)


if __name__ == "__main__":
    sys.exit(main())
