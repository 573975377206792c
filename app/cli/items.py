"""Tasks and notes: adding, listing, showing, searching, moving."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from app import json_shapes
from app.cli.parameters import WholeNumber, command
from app.cli.render.words import item_line
from store.domain.errors import NotFound
from store.domain.ids import DocId

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.cli.session import Session
    from store.replica import Replica
    from store.rows import TaskRow

VIEWS = click.Choice(["inbox", "today", "upcoming", "all", "trash"])
STATES = click.Choice(["open", "started", "blocked", "done", "cancelled"])


@command("add")
@click.argument("text", nargs=-1, required=True)
@click.option("--parent", metavar="ID", help="The task that this one is a part of.")
def add(session: Session, text: tuple[str, ...], parent: str | None) -> None:
    """Add a task, as one types it.

    cairn add Buy rope tomorrow 9am #climb !high @Kit +Hut every week

    Dates are read wherever they stand; #tag, !priority, @assignee, +list. Text that begins with a
    dash goes after --.
    """
    from store.commands.patches import NewTask
    from store.domain.quick_add import parse

    said = parse(" ".join(text), now=session.now)
    under = session.item(parent) if parent is not None else None
    draft = NewTask(
        title=said.title,
        due=said.due,
        priority=said.priority,
        list=said.list,
        assignee=said.assignee,
        tags=said.tags,
        parent=under,
        repeat=said.repeat,
    )
    added = session.replica.task(session.replica.add_task(draft, space=session.space))
    session.answer(json_shapes.task(added), lambda: f"Added {item_line(added, session.now)}")


@command("tasks")
@click.option("--view", type=VIEWS, default="all", show_default=True, help="Which tasks.")
@click.option("--list", "list_name", metavar="L", help="Only tasks of this list.")
@click.option("--tag", metavar="T", help="Only tasks with this tag.")
@click.option("--state", type=STATES, help="Only tasks in this state.")
def tasks(
    session: Session, view: str, list_name: str | None, tag: str | None, state: str | None
) -> None:
    """List tasks of all spaces, or of one with --space."""
    rows = session.replica.tasks(
        view=view,
        list_name=list_name,
        tag=tag.lstrip("#") if tag is not None else None,
        state=state,
        space=session.space,
    )
    if session.as_json:
        rows = whole_tasks(session.replica, rows)

    def text() -> str:
        from app.cli.render.items import task_list

        return task_list(rows, session.now)

    session.answer([json_shapes.task(row) for row in rows], text)


def whole_tasks(replica: Replica, rows: Iterable[TaskRow]) -> list[TaskRow]:
    """Give listed tasks with their texts and events, which the contract's JSON has."""
    whole = []
    for row in rows:
        with suppress(NotFound):  # another process has purged it since it was listed
            whole.append(replica.task(DocId(row.id)))
    return whole


@command("show")
@click.argument("item_id", metavar="ID")
@click.option("--at", "version", metavar="VERSION", help="As it was then (see cairn history).")
def show(session: Session, item_id: str, version: str | None) -> None:
    """Show a task or a note, as it is or as it was.

    As it is now, it says too where its latest version is confirmed: the server, other devices; and
    what a task has claimed of the supplies.
    """
    doc = session.item(item_id)
    row = session.replica.item(doc)
    found = None
    links = session.replica.links(doc) if version is None else None
    if version is not None:
        from app.cli.versions import as_it_was

        row = as_it_was(session.replica, row, version)
    else:
        found = session.replica.confirmed(doc)
    claims = session.replica.reservations(task=doc) if version is None else []

    def text() -> str:
        from app.cli.render.items import item_page
        from app.cli.render.supplies import claim_list

        page = item_page(row, session.now, found, links)
        return f"{page}\n{claim_list(claims, session.now)}" if claims else page

    shape = json_shapes.item(row)
    if found is not None:
        shape["confirmed"] = json_shapes.confirmed(found)
    if claims:
        from app import supply_shapes

        shape["supplies"] = [supply_shapes.reservation(each) for each in claims]
    session.answer(shape, text)


@command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=WholeNumber(1, 1000), default=50, show_default=True, metavar="N")
def search(session: Session, words: tuple[str, ...], limit: int) -> None:
    """Search the titles, texts and tags of all tasks and notes; best first.

    cairn search rope tag:climb in:Hut is:open "due:<friday"

    Filters narrow it: tag:T in:LIST by:PERSON priority:P is:STATE (and is:overdue, is:note, ...)
    due:DAY (with <, <=, >, >=; none, any); a minus before one keeps the others. What stands in
    double quotes is text; a search that begins with a dash goes after --.
    """
    from store.domain.errors import InvalidValue
    from store.domain.filters import parse_terms

    wanted = " ".join(words)
    terms = parse_terms(wanted, now=session.now)
    if terms.unread:
        raise InvalidValue(terms.unread[0], field="search")
    hits = session.replica.search(
        terms.words, filters=terms.filters, space=session.space, limit=limit
    )

    def text() -> str:
        from app.cli.render.items import hit_list

        return hit_list(hits, wanted)

    session.answer([json_shapes.search_hit(hit) for hit in hits], text)


@command("move")
@click.argument("item_id", metavar="ID")
def move(session: Session, item_id: str) -> None:
    """Move a task or a note to the space that --space NAME names.

    It is copied there and put in the trash here; the copy points back.
    """
    if session.space is None:
        raise click.UsageError("Say where to: cairn move ID --space NAME.")
    moved = session.replica.item(session.replica.move(session.item(item_id), session.space))
    session.answer(
        json_shapes.item(moved),
        lambda: f"Moved to {moved.space}: {item_line(moved, session.now)}",
    )
