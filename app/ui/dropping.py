"""Where a task goes that is dropped between others, or moved past one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from store.queries import TaskLine


@dataclass(frozen=True, slots=True)
class Drop:
    """What a drop means; `before` or `after` names the neighbour, both None only where none is."""

    task: str
    parent: str | None
    before: str | None = None
    after: str | None = None


def dropped(lines: Sequence[TaskLine], old: int, new: int) -> Drop | None:
    """Read a drop.

    Between a task and its first subtask, it becomes a subtask; among subtasks likewise; between
    the last subtask and what follows, it stays at the level that it had.

    Args:
        lines: as drawn.
        old: index of the dropped one.
        new: its index once it is moved.

    Returns:
        None where nothing changes: it was dropped where it was, or among its own subtasks.
    """
    if old == new or not (0 <= old < len(lines)):
        return None
    moved = lines[old]
    own = 1
    while old + own < len(lines) and lines[old + own].depth > moved.depth:
        own += 1
    others = [*lines[:old], *lines[old + own :]]
    at = new if new < old else new - (own - 1)
    if new > old and at < old + 1:
        return None  # among its own subtasks
    above = others[at - 1] if at > 0 else None
    below = others[at] if at < len(others) else None
    return _between(moved, above, below)


def stepped(lines: Sequence[TaskLine], task: str, by: int) -> Drop | None:
    """Read a move past the next task of the same level, with whatever is below that one.

    It never changes the level: a key that is pressed once too often makes no subtask.

    Args:
        lines: as listed.
        task: id of the one that moves.
        by: -1 for up, 1 for down.

    Returns:
        None where it is not listed, or is the first or last of its level.
    """
    at = next((i for i, line in enumerate(lines) if line.task.id == task), None)
    if at is None:
        return None
    moved = lines[at]
    for other in lines[at + 1 :] if by > 0 else lines[:at][::-1]:
        if other.depth < moved.depth:
            return None
        if other.depth == moved.depth:
            return _beside(moved, other, is_before=by < 0)
    return None


def _between(moved: TaskLine, above: TaskLine | None, below: TaskLine | None) -> Drop | None:
    if below is not None and (above is None or below.depth >= above.depth):
        return _beside(moved, below, is_before=True)
    if above is None:
        return None
    if below is None or moved.depth >= above.depth:
        return _beside(moved, above, is_before=False)
    return _beside(moved, below, is_before=True)


def _beside(moved: TaskLine, other: TaskLine, *, is_before: bool) -> Drop:
    # A line that stands alone keeps the task above it, which is elsewhere.
    parent = other.task.parent if other.depth else (None if moved.depth else moved.task.parent)
    if is_before:
        return Drop(moved.task.id, parent, before=other.task.id)
    return Drop(moved.task.id, parent, after=other.task.id)
