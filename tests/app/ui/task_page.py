"""The page of a task, opened by its row."""

import flet as ft

from store.commands.patches import NewTask
from store.domain.ids import DocId
from store.replica import Replica
from tests.support.flet_harness import Tab


async def opened(tab: Tab, replica: Replica, title: str = "Buy rope") -> DocId:
    """Add a task and open its page."""
    doc = replica.add_task(NewTask(title))
    await tab.open_row(title)
    await tab.until(lambda: tab.find(ft.TextField, label="Title", value=title))
    return doc
