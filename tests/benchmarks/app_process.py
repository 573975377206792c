"""Figures of the app as a process with a browser: the first list, memory, processor time idle."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from tests.benchmarks.measuring import Figure, percentile
from tests.support.chromium import AppPage, running_chromium
from tests.support.running_app import RunningApp, running_app

_OPENINGS: Final = 5
_IDLE_S: Final = 20.0
_SETTLE_S: Final = 3.0
_FIRST_ROW: Final = "Done:"  # begins the name of each row's check box


def figures(home: Path, store: str) -> Iterator[Figure]:
    """All of them, of a home that holds what `store` says."""
    with running_app(home) as app, running_chromium() as browser:
        took = [_first_list_s(browser, app.url) for _ in range(_OPENINGS)]
        yield Figure(
            f"first list visible after the engine has started, {store}",
            "s",
            {"p50": percentile(took, 0.5), "max": max(took)},
            {"p50": 1},
            len(took),
        )
        page = AppPage(browser, app.url)
        _wait_for_list(page)
        time.sleep(_SETTLE_S)
        yield Figure(
            f"processor time of the app while a tab is open and nothing happens, {store}",
            "% of one core",
            {"mean": _idle_share(app) * 100},
            {"mean": 1},
            1,
            notes=f"over {_IDLE_S:.0f} s",
        )
        yield Figure(
            f"memory of the app's process with a tab open, {store}",
            "MB",
            {"resident": _resident_mb(app)},
            {"resident": 250},
            1,
        )
        page.close()


def _first_list_s(browser: Browser, url: str) -> float:
    page = AppPage(browser, url)
    _wait_for_list(page)
    took = page.since_engine_s()
    page.close()
    return took


def _wait_for_list(page: AppPage) -> None:
    row = page.page.get_by_role("checkbox", name=_FIRST_ROW).first
    row.wait_for(state="attached")


def _idle_share(app: RunningApp) -> float:
    before = _cpu_s(app)
    time.sleep(_IDLE_S)
    return (_cpu_s(app) - before) / _IDLE_S


def _cpu_s(app: RunningApp) -> float:
    fields = Path(f"/proc/{app.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mb(app: RunningApp) -> float:
    status = Path(f"/proc/{app.process.pid}/status").read_text()
    (line,) = [each for each in status.splitlines() if each.startswith("VmRSS:")]
    return int(line.split()[1]) / 1000
