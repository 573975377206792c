"""`cairn health`: measures as JSON and on a page, thresholds that can be changed, files."""

import csv
import json
from pathlib import Path

from tests.app.cli.conftest import Cairn

MEASURES = {
    *("replication_lag", "probe_lag", "anti_entropy"),
    *("conflict_rate", "stale_read_rate", "retry_rate", "probe_timeout_rate"),
    *("repairs", "retries"),
    *("pending", "parked", "waiting", "oldest_unsent", "clock_offset", "clock_error"),
    *("log", "database"),
}


def test_measures_and_alerts_are_there_from_the_start(cairn: Cairn) -> None:
    found = cairn("health", "--json").value

    assert set(found["measures"]) == MEASURES, "of sagas nothing, as nothing counts them"
    assert found["alerts"] == []
    assert set(found["measures"]["replication_lag"]["windows"]) == {"1h", "24h", "30d"}
    assert found["measures"]["database"]["value"] > 0


def test_the_page_says_that_all_is_well(cairn: Cairn) -> None:
    assert cairn("health").out.startswith("All well")


def test_a_threshold_is_changed_for_good_and_set_back(cairn: Cairn) -> None:
    cairn("health", "--alert-above", "lag_s=12", "--alert-above", "retry_rate=0.5")

    kept = cairn("health", "--json").value["thresholds"]
    assert (kept["lag_s"], kept["retry_rate"]) == (12, 0.5)
    assert cairn("health", "--default-alerts", "--json").value["thresholds"]["lag_s"] == 5


def test_what_is_no_threshold_is_refused_and_nothing_is_changed(cairn: Cairn) -> None:
    assert "lag_s" in cairn("health", "--alert-above", "lag=3", "--json").error["detail"]
    assert cairn("health", "--alert-above", "lag_s").status == 2
    assert cairn("health", "--alert-above", "lag_s=nan").status == 2
    assert cairn("health", "--alert-above", "lag_s=-1").status == 1
    assert cairn("health", "--json").value["thresholds"]["lag_s"] == 5


def test_measures_are_exported_as_json_and_as_a_table(cairn: Cairn, tmp_path: Path) -> None:
    as_json, as_csv = tmp_path / "health.json", tmp_path / "health.csv"
    cairn("health", "--export", str(as_json))
    cairn("health", "--export", str(as_csv))

    assert set(json.loads(as_json.read_text())["measures"]) == MEASURES
    rows = list(csv.DictReader(as_csv.read_text().splitlines()))
    assert {row["measure"] for row in rows} == MEASURES
    assert {row["window"] for row in rows} == {"1h", "24h", "30d", "now"}


def test_an_export_that_can_not_be_written_says_so(cairn: Cairn, tmp_path: Path) -> None:
    assert cairn("health", "--export", str(tmp_path / "health.txt")).status == 2
    assert cairn("health", "--export", str(tmp_path / "none" / "health.csv")).status == 1
