"""The Sync health page: what was measured, how it went, what there is to do, and the export."""

import flet as ft
import flet_charts as fch  # type: ignore[import-untyped]
import pytest

from app.ui.views import sync_health
from store.domain.measures import names
from store.domain.measures.thresholds import Thresholds
from store.domain.measures.windows import HOUR_MS, MINUTE_MS
from store.measures.recording import record
from store.measures.samples import Samples
from store.replica import Replica
from tests.support.flet_harness import Tab


def measured(
    replica: Replica, back_ms: int, lag_ms: float, *, rounds: int = 0, retried: int = 0
) -> None:
    """Sample a probe's lag and rounds some time ago."""
    samples = Samples()
    samples.took(names.PROBE_LAG, lag_ms)
    samples.count(names.OPERATIONS, by=rounds)
    samples.count(names.RETRIED, "unreachable", retried)
    with replica.db.write() as conn:
        record(conn, samples, replica.health().at_ms - back_ms)


def lines(tab: Tab) -> list[list[float]]:
    """The values of each line of the first chart."""
    chart = tab.find_all(fch.LineChart)[0]
    return [[point.y for point in line.points] for line in chart.data_series]


async def test_a_home_that_measured_nothing_says_so(tab: Tab) -> None:
    await tab.go("Sync health")

    await tab.text("All is well: no measure is above its threshold.")
    await tab.text("Nothing to measure in the last hour.")
    await tab.text("Nothing here is shared: no space has a server.")
    assert tab.find_all(fch.LineChart) == []


async def test_a_measure_is_shown_with_its_quantiles_and_its_course(
    tab: Tab, replica: Replica
) -> None:
    for back, lag_ms in ((30, 2_000.0), (10, 4_000.0), (9, 4_000.0)):
        measured(replica, back * MINUTE_MS, lag_ms)

    await tab.go("Sync health")

    await tab.text("Lag to connected devices")
    await tab.until(lambda: tab.find_all(fch.LineChart))
    # Three quantiles, each in two runs: nothing was sampled between minute 30 and minute 10.
    shown = lines(tab)
    assert len(shown) == 6
    assert shown[0] == [pytest.approx(2.0, rel=0.05)]
    assert shown[1] == [pytest.approx(4.0, rel=0.05)] * 2


async def test_another_window_is_chosen(tab: Tab, replica: Replica) -> None:
    measured(replica, 5 * HOUR_MS, 3_000.0)
    await tab.go("Sync health")
    await tab.text("Nothing to measure in the last hour.")

    choice = tab.find(ft.SegmentedButton)
    await tab.fire(choice, "change", ["24h"], selected=["24h"])

    await tab.until(lambda: tab.find_all(fch.LineChart))
    assert lines(tab)[0] == [pytest.approx(3.0, rel=0.05)]


async def test_an_alert_says_what_to_do_and_goes_once_its_cause_is_gone(
    tab: Tab, replica: Replica
) -> None:
    measured(replica, 0, 10.0, rounds=20, retried=10)
    await tab.go("Sync health")
    said = await tab.until(
        lambda: [text for text in tab.texts() if text.startswith("50 % of the rounds")]
    )
    assert "Check the network" in said[0]
    await tab.text("Of which: unreachable 10")

    replica.set_thresholds({"retry_rate": 0.6})

    await tab.text("All is well: no measure is above its threshold.")


async def test_an_open_page_moves_on_with_time(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_health, "_LOOK_EVERY_S", 0.01)  # a minute passes quickly here
    tab = await Tab.open(replica)
    await tab.go("Sync health")
    await tab.text("Nothing to measure in the last hour.")

    measured(replica, 0, 3_000.0)  # written by another process, say; nobody tells the page

    await tab.until(lambda: tab.find_all(fch.LineChart))
    await tab.close()


async def test_the_page_says_whether_one_may_close_as_the_sync_sheet_does(tab: Tab) -> None:
    await tab.go("Sync health")

    await tab.text("Nothing has to be sent. What you write is saved, on this device only.")


async def test_a_threshold_is_changed_read_in_its_own_unit_and_put_back(
    tab: Tab, replica: Replica
) -> None:
    measured(replica, MINUTE_MS, 10.0, rounds=100, retried=5)
    await tab.go("Sync health")
    await tab.press("When to warn…")
    await tab.until(lambda: tab.find(ft.TextField, label="Rounds tried again (%)", value="10"))

    await tab.enter("Rounds tried again (%)", "2,5")

    await tab.until(lambda: replica.thresholds().retry_rate == pytest.approx(0.025))
    await tab.gone("All is well")
    await tab.enter("Rounds tried again (%)", "often")
    await tab.text("write a number of 0 or more")
    assert replica.thresholds().retry_rate == pytest.approx(0.025)
    await tab.press("Back to Cairn's own")
    await tab.text("All is well")
    assert replica.thresholds() == Thresholds()
