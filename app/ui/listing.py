"""Which tasks a view lists, what it is called, and what a task that is added there is. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from store.domain.filters import Filter
from store.queries import TaskListing
from store.queries.task_pages import Sort

VIEW_NAMES: Final = {
    "inbox": "Inbox",
    "today": "Today",
    "upcoming": "Upcoming",
    "lists": "Lists",
    "tags": "Tags",
    "all": "All tasks",
    "trash": "Trash",
}
SORT_NAMES: Final[dict[Sort, str]] = {
    "order": "By hand",
    "due": "Due date",
    "priority": "Priority",
    "title": "Title",
    "changed": "Last changed",
}


@dataclass(frozen=True, slots=True)
class Which:
    """What of the tasks is shown: a view, or one list or tag."""

    view: str
    list_name: str = ""
    tag: str = ""

    @property
    def key(self) -> str:
        """A name for it that is no other's."""
        return f"{self.view}/{self.list_name}{self.tag}"

    @property
    def title(self) -> str:
        """What stands above it."""
        if self.view == "list":
            return self.list_name
        if self.view == "tag":
            return f"#{self.tag}"
        return VIEW_NAMES[self.view]

    @property
    def own_sort(self) -> Sort:
        """How it is sorted unless told otherwise."""
        return "due" if self.view in ("today", "upcoming") else "order"

    @property
    def is_names(self) -> bool:
        """Whether it shows names of lists or tags, not tasks."""
        return self.view in ("lists", "tags")

    def listing(
        self,
        sort: Sort,
        filters: tuple[Filter, ...],
        folded: frozenset[str],
        *,
        finished: bool = False,
    ) -> TaskListing:
        """Ask for its tasks."""
        return TaskListing(
            view="all" if self.view in ("list", "tag") else self.view,
            list_name=self.list_name or None,
            tag=self.tag or None,
            filters=filters,
            sort=sort,
            finished=finished,
            folded=folded,
        )

    def can_reorder(self, sort: Sort, filters: tuple[Filter, ...]) -> bool:
        """Tell whether rows may be dragged: where their order is the person's own."""
        return sort == "order" and not filters and self.view in ("inbox", "all", "list")

    def due_of_new(self, now: datetime) -> str | None:
        """When a task that is added here is due, if nothing else is said."""
        return now.date().isoformat() if self.view == "today" else None
