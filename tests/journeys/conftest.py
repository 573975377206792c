"""A browser, and people with a home, an app and a tab each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.people import Company
from tests.support.chromium import running_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium; a module's own, since its event loop must end before an async test begins."""
    with running_chromium() as running:
        yield running


@pytest.fixture
def company(browser: Browser, tmp_path: Path) -> Iterator[Company]:
    """Nobody yet, and a server that can be started."""
    with Company(browser, tmp_path) as gathered:
        yield gathered


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the journeys, so that `-m 'not browser'` leaves them out."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
