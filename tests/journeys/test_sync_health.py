"""Somebody reads the Sync health page: measures, alerts, what to do; and takes them home."""

import json
import re
import time

from store.domain.measures import names
from store.domain.measures.windows import MINUTE_MS
from store.measures.recording import record
from store.measures.samples import Samples
from tests.journeys.people import Company, Person
from tests.support.chromium import NARROW
from tests.support.flet_harness import open_replica


def measured(someone: Person) -> None:
    """Half an hour in which the network was bad."""
    with open_replica(someone.home, someone.name, "laptop") as replica, replica.db.write() as conn:
        now_ms = time.time_ns() // 1_000_000
        for back in range(30, 0, -1):
            samples = Samples()
            samples.took(names.PROBE_LAG, 7_000 + 100 * back)
            samples.count(names.OPERATIONS)
            samples.count(names.RETRIED, "unreachable", by=int(back % 2))
            record(conn, samples, now_ms - back * MINUTE_MS)


def test_the_page_says_how_sync_is_and_what_to_do(company: Company) -> None:
    ann = company.person("Ann")
    measured(ann)
    page = company.opens(ann)
    page.go("Sync health")

    page.sees("Lag to connected devices")
    page.sees("50 % of the rounds of the last hour had to be tried again")
    page.sees("Check the network")
    page.sees("Changes take")
    page.sees("Nothing here is shared: no space has a server.")
    assert page.nameless() == []

    with page.page.expect_download() as begun:
        page.press("Export as JSON")
    shown = json.loads(begun.value.path().read_text(encoding="utf-8"))
    assert shown["measures"]["retry_rate"]["windows"]["1h"]["value"] == 0.5
    assert {alert["name"] for alert in shown["alerts"]} == {"replication_lag", "retry_rate"}
    with page.page.expect_download() as begun:
        page.press("Export as CSV")
    assert re.match("at,measure,window", begun.value.path().read_text(encoding="utf-8"))

    page.press("30 days")
    page.sees("Lag to connected devices")
    page.sees_no("Nothing to measure in the last hour.")


def test_on_a_phone_the_page_is_behind_more(company: Company) -> None:
    ann = company.person("Ann")
    page = company.opens(ann, size=NARROW)

    page.go("Sync health")

    page.sees("All is well: no measure is above its threshold.")
