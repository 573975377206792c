"""What should not have happened is shown and logged, and the app stays up."""

import logging

import pytest

from store.commands.patches import NewTask
from store.domain.ids import SpaceId
from store.replica import Replica
from tests.support.flet_harness import Tab
from tests.support.spaces import share_space


class Broken(RuntimeError):
    """Something that no rule foresees."""


def break_sync(tab: Tab) -> None:
    """Let the background sync fail in a way that it never should."""

    def fail() -> None:
        raise Broken("the reason, which is for the log")

    tab.sync.retry_now = fail  # type: ignore[method-assign]


async def test_a_fault_in_a_handler_is_shown_and_logged_and_the_app_stays_up(
    tab: Tab, replica: Replica, caplog: pytest.LogCaptureFixture
) -> None:
    break_sync(tab)
    await tab.go("Settings")
    share_space(tab.core.replica, SpaceId(replica.space().id), "Personal")

    with caplog.at_level(logging.ERROR):
        await tab.key("S")
        await tab.fire(await tab.until(lambda: tab.button("Sync now")), "click")

    said = await tab.text("Something went wrong in Cairn itself")
    assert "what was saved is safe" in said
    assert "Broken" in said
    (logged,) = [each for each in caplog.records if "outcome=fault" in each.message]
    assert logged.exc_info is not None
    assert isinstance(logged.exc_info[1], Broken)
    await tab.press("Close")
    await tab.go("Tasks")
    await tab.type("New task", "Buy rope")
    await tab.press("Add")
    await tab.until(lambda: [row.title for row in replica.tasks()] == ["Buy rope"])


async def test_what_a_rule_refuses_is_no_fault(
    tab: Tab, replica: Replica, caplog: pytest.LogCaptureFixture
) -> None:
    doc = replica.add_task(NewTask("Buy rope"))
    await tab.open_row("Buy rope")
    await tab.until(lambda: tab.button("Start"))
    replica.transition(doc, "done")

    with caplog.at_level(logging.WARNING):
        await tab.press("Start")  # drawn before the task was done
        await tab.text("reopen it first")

    assert not [each for each in caplog.records if "fault" in each.message]
