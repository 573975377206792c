"""Two people edit apart, meet again, and see the same conflict; one settles it for both."""

import re

from playwright.sync_api import expect

from tests.journeys.people import Company


def test_two_edit_apart_and_one_settles_it_for_both(company: Company) -> None:
    ann, bea = company.person("Ann"), company.person("Bea")
    company.share(ann, bea)
    ann.cairn("add", "Book the bus", "--space", "Trip")
    at_ann, at_bea = company.opens(ann), company.opens(bea)
    at_bea.sees("Book the bus")
    at_ann.sees("Sync: synced")

    # apart: neither waits, both are told how it stands
    company.stop_server()
    for page, title in ((at_ann, "Book the early bus"), (at_bea, "Book the late bus")):
        page.press("Book the bus")
        page.enter("Title", title)
        page.sees(f"{title} waiting to be sent")
        expect(page.button("Sync:")).to_have_accessible_name(re.compile("offline, 1 waiting"))

    # together: the same conflict with both sides, at both
    company.start_server()
    for page in (at_ann, at_bea):
        page.go("Conflicts")
        page.press("The title was written differently")
        page.sees("what both started from")
        page.sees("Book the added: early; bus")
        page.sees("Ann on Anns laptop")
        page.sees("Book the added: late; bus")
        page.sees("Bea on Beas laptop")
        page.sees("Sync: synced")

    # one settles; the other sees that, and who
    at_bea.press(re.compile(r"Take side \d: Book the early bus"))
    at_bea.sees("Settled by Bea on Beas laptop")
    at_ann.sees("Settled by Bea on Beas laptop")
    (told,) = ann.cairn("conflicts", "--settled")
    assert (told["settled"]["by"], told["settled"]["value"]) == ("Bea", "Book the early bus")

    # and the other may open it again, for both
    at_ann.press("Open again")
    at_bea.press("The title was written differently")
    at_bea.sees("Book the late bus")
    for someone in (ann, bea):
        someone.cairn("sync", expect=(0, 4))
    assert ann.cairn("digest", "--space", "Trip") == bea.cairn("digest", "--space", "Trip")
