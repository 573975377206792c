"""Reads: frozen rows out of projections, in one read transaction each, never documents.

Every function takes a connection of `Database.read`. `space` is a space's id, None means all.
What the day is comes from the caller, as only the person's time zone can tell.
"""

from store.queries.activity import Activity, ActivityPage, activity, changed_elsewhere, logged_up_to
from store.queries.conflicts import conflicts, find_conflict
from store.queries.items import find, item, list_names, note, tag_names, task
from store.queries.links import links, with_item_links
from store.queries.lists import VIEWS, notes, tasks
from store.queries.moment import Moment
from store.queries.receipts import confirmed, safe_to_close
from store.queries.search import search
from store.queries.status import status
from store.queries.task_counts import TaskCounts, task_counts
from store.queries.task_pages import TaskLine, TaskListing, TaskPage, subtasks, task_page
from store.queries.waiting import Waiting, WaitingItem, waiting

__all__ = [
    "VIEWS",
    "Activity",
    "ActivityPage",
    "Moment",
    "TaskCounts",
    "TaskLine",
    "TaskListing",
    "TaskPage",
    "Waiting",
    "WaitingItem",
    "activity",
    "changed_elsewhere",
    "confirmed",
    "conflicts",
    "find",
    "find_conflict",
    "item",
    "links",
    "list_names",
    "logged_up_to",
    "note",
    "notes",
    "safe_to_close",
    "search",
    "status",
    "subtasks",
    "tag_names",
    "task",
    "task_counts",
    "task_page",
    "tasks",
    "waiting",
    "with_item_links",
]
