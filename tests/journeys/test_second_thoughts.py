"""Second thoughts: what was done about a refusal, and in the settings, goes back by Ctrl+Z."""

from store.replica import Replica
from store.rows import ParkedRow
from tests.journeys.people import Company, Person
from tests.support.chromium import AppPage


def refused(someone: Person) -> list[ParkedRow]:
    """What is parked in somebody's home, looked at beside the app."""
    with Replica.open(someone.home) as replica:
        return replica.parked()


def undo(page: AppPage) -> None:
    page.page.keyboard.press("ControlOrMeta+z")


def test_answers_to_a_refusal_and_settings_go_back(company: Company) -> None:
    ann, bea = company.person("Ann"), company.person("Bea")
    company.share(ann, bea)
    bus = ann.cairn("add", "Book the bus", "--space", "Trip")["id"]
    ann.cairn("sync")
    bea.cairn("sync")

    # she writes, while she may not any more, and does not know it yet
    ann.cairn("role", "Beas laptop", "viewer", "--space", "Trip")
    bea.cairn("edit", bus, "--title", "Book the late bus")
    bea.cairn("sync", expect=(4,))
    (before,) = refused(bea)
    page = company.opens(bea)
    page.go("Conflicts")
    page.press("Book the late bus")
    page.sees("What shall become of it")

    # taken back: gone, and there again with its reason
    page.press("Take back")
    page.sees("Taken back.")
    page.sees_no("What shall become of it")
    assert refused(bea) == []
    undo(page)
    page.sees("Undone: taking back")
    assert refused(bea) == [before]
    page.press("Book the late bus")

    # tried again: the server has said no anew by now, and so it says that it was asked
    page.press("Try again")
    page.sees("Offered to the server once more.")
    page.until(lambda: len(refused(bea)) == 1)
    undo(page)
    page.sees("It was sent from this device since, so this can't be undone any more.")

    # how it looks
    page.go("Settings")
    page.press("Dark")
    page.sees("That is how it looks now.")
    undo(page)
    page.sees("Undone: another appearance")
