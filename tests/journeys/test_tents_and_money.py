"""A trip that shares tents and money: made offline in the app, partly refused, put back, told."""

import re

from playwright.sync_api import expect

from tests.journeys.people import Company


def test_what_is_certain_is_kept_and_what_is_not_is_put_back_and_told(company: Company) -> None:
    ann, bea = company.person("Ann"), company.person("Bea")
    company.share(ann, bea)
    ann.cairn("stock", "add", "Tent", "--count", "3", "--space", "Trip")
    for name in ("Food", "Hut"):
        ann.cairn("budget", "add", name, "--currency", "EUR", "--space", "Trip")
    ann.cairn("budget", "deposit", "Food", "60", "--space", "Trip")
    ann.cairn("note", "Packing", "--space", "Trip")
    ann.cairn("sync")
    bea.cairn("add", "Pitch the tents", "--space", "Trip")
    plan = company.folder / "plan.toml"
    plan.write_text(
        'name = "Hut weekend"\nitems = [{ item = "Tent", count = 1 }]\n'
        'fee = { from = "Food", to = "Hut", amount = "70.00" }\n',
        encoding="utf-8",
    )
    at_bea = company.opens(bea)
    at_bea.sees("Sync: synced")

    # while there is a network, Bea takes two tents that she may hand out by herself
    at_bea.go("Supplies")
    at_bea.press(re.compile("^Tent"))
    at_bea.sees("Who has what")
    at_bea.write("Pieces", "2")
    at_bea.press("Take as quota")
    at_bea.sees("This device may hand out 2 without a connection")

    # without one, her task claims them, and that is certain; a booking only waits
    company.stop_server()
    at_bea.go("Tasks")
    at_bea.press("Pitch the tents")
    at_bea.write("Pieces", "2")
    at_bea.press(re.compile("^Claim$"))
    at_bea.sees("You · certain")
    bea.cairn("book", str(plan), "--space", "Trip")
    at_bea.go("Budget")
    at_bea.press(re.compile("^Food"))
    at_bea.sees("-10.00 EUR to spend")
    at_bea.sees("70.00 on its way out")
    at_bea.press("Bookings")
    at_bea.sees("Hut weekend")
    at_bea.sees("not begun: It waits to be sent.")
    expect(at_bea.button("Sync:")).to_have_accessible_name(re.compile("offline"))

    # nobody has paid in what is lacking; the server decides each thing once
    company.start_server()
    at_bea.sees("did not work out; all was put back")
    at_bea.go("Conflicts")
    at_bea.sees("Hut weekend did not work out; everything it had taken was put back.")
    at_bea.sees("Food has 60.00 EUR left, not 70.00 EUR.")
    at_bea.press(re.compile("^Hut weekend did not work out"))
    at_bea.press("I know")
    at_bea.sees("All agree")

    # what was certain is hers, and everything adds up for both
    at_bea.go("Supplies")
    at_bea.sees("2 yours")
    assert at_bea.nameless() == []
    for someone in (ann, bea):
        someone.cairn("sync")
    (tent,) = ann.cairn("stock")
    assert (tent["available"], tent["pending"]) == (1, 0)
    assert ann.cairn("budget") == bea.cairn("budget")
    assert {row["name"]: row["available"] for row in ann.cairn("budget")} == {
        "Food": "60.00",
        "Hut": "0.00",
    }
