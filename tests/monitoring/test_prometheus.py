"""The real Prometheus reads a server's metrics, its alerts and what the dashboard asks."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from sync.server.metrics import PATH
from sync.transport.http import HttpTransport
from tests.monitoring.prometheus import MONITORING, prometheus, promtool
from tests.support.asking import create_space
from tests.support.pushes import change
from tests.support.server import RunningServer, running_server

ALERTS = MONITORING / "alerts.yml"
ALERT_NAMES = {
    "CairnAntiEntropy",
    "CairnCompensations",
    "CairnConflicts",
    "CairnDeviceRetries",
    "CairnPendingSagas",
    "CairnReplicationLag",
    "CairnRetries",
    "CairnServerDown",
    "CairnStaleReads",
    "CairnStuckSagas",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with running_server(tmp_path) as running:
        yield running
        assert "Traceback" not in running.log()


def expressions() -> list[str]:
    """What the dashboard asks, with Grafana's variables put in."""
    board = json.loads((MONITORING / "dashboard.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return [each.replace("$__rate_interval", "1m") for each in asked]


def scraped(server: RunningServer) -> str:
    """The metrics as Prometheus gets them."""
    return httpx.get(server.url + PATH).text


def names_in(text: str) -> set[str]:
    """The names of metrics that stand in expressions."""
    return set(re.findall(r"\b(?:sync|sqlite|cursor|saga|anti_entropy)_\w+", text))


async def use(server: RunningServer) -> None:
    """Two changes are pushed, so that there is something to see."""
    way = HttpTransport(server.url)
    try:
        owner = await create_space(way, server.setup_code)
        await owner.push(change(), change())
    finally:
        await way.aclose()


def test_the_alert_rules_are_sound() -> None:
    assert f"{len(ALERT_NAMES)} rules found" in promtool("check", "rules", str(ALERTS))


def test_each_alert_fires_and_clears() -> None:
    story = Path(__file__).with_name("alerts_test.yml")

    promtool("test", "rules", str(story))

    assert set(re.findall(r"alertname: (\w+)", story.read_text())) == ALERT_NAMES


async def test_the_metrics_are_named_as_prometheus_wants(server: RunningServer) -> None:
    await use(server)

    assert promtool("check", "metrics", given=scraped(server).encode()) == ""


def test_alerts_and_dashboard_ask_only_for_what_a_server_has(server: RunningServer) -> None:
    there = {
        f"{family.name}{ending}"
        for family in text_string_to_metric_families(scraped(server))
        for ending in ("", "_total", "_bucket", "_sum", "_count")
    }
    rules = "\n".join(re.findall(r"(?m)^ +(?:expr: .*|.*increase\(.*)$", ALERTS.read_text()))

    assert names_in(rules)
    assert names_in(rules) | names_in("\n".join(expressions())) <= there


async def test_prometheus_scrapes_a_server_and_answers_the_dashboard(
    tmp_path: Path, server: RunningServer
) -> None:
    await use(server)
    with prometheus(tmp_path / "prometheus", server.port) as there:
        there.wait_for("a scrape", lambda: there.value("sync_changes_total") == 2)

        # One scrape that is late takes the series away until the next.
        pushes = 'sync_requests_total{route="/v1/sync/push",status="200"}'
        there.wait_for("a server that is up", lambda: there.value('up{job="cairn"}') == 1)
        there.wait_for("its requests", lambda: there.value(pushes) == 1)
        for expression in expressions():
            there.get("query", query=expression)
        groups = there.get("rules")["groups"]
        rules = {rule["name"]: rule for group in groups for rule in group["rules"]}
        assert set(rules) == ALERT_NAMES
        there.wait_for("all rules evaluated", lambda: _are_evaluated(there.get("rules")))

        server.stop()
        there.wait_for("the server is gone", lambda: there.value('up{job="cairn"}') == 0)
        there.wait_for(
            "the alert waits its 5 minutes",
            lambda: [each["state"] for each in there.get("alerts")["alerts"]] == ["pending"],
        )


def _are_evaluated(said: "dict[str, list[dict[str, list[dict[str, str]]]]]") -> bool:
    return all(rule["health"] == "ok" for group in said["groups"] for rule in group["rules"])
