"""Editing a task or a note: `cairn edit` and all its options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from app import json_shapes
from app.cli import values
from app.cli.parameters import command
from app.cli.render.words import item_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.cli.session import Session


@command("edit")
@click.argument("item_id", metavar="ID")
@click.option("--title", metavar="T")
@click.option("--due", metavar="D|none", help="2026-12-01, friday, tomorrow 9am, in 3 days ...")
@click.option("--priority", type=values.PRIORITY_CHOICE)
@click.option("--list", "list_name", metavar="L|none")
@click.option("--parent", metavar="ID|none", help="Make it a part of another task.")
@click.option("--before", metavar="ID", help="Put it before another task.")
@click.option("--after", metavar="ID", help="Put it after another task.")
@click.option("--assignee", metavar="P|none")
@click.option(
    "--tag", "tags", multiple=True, metavar="+a|-b", help="Add +a or remove -b; repeatable."
)
@click.option("--pin/--unpin", "pinned", default=None, help="Keep a note on top, or not.")
@click.option("--body", metavar="FILE|-", help="The text, from a file or from standard input.")
@click.option("--repeat", metavar="RULE|none", help="every week, every 2 days, an RRULE ...")
def edit(session: Session, item_id: str, **given: Any) -> None:
    """Change fields of a task or a note; `none` clears one."""
    from store.commands.patches import Patch

    if all(value is None or value == () for value in given.values()):
        raise click.UsageError("Say what to change, for example --title or --due.")
    if given["before"] is not None and given["after"] is not None:
        raise click.UsageError("Give --before or --after, not both.")
    add_tags, remove_tags = values.tags(given["tags"])
    doc = session.item(item_id)
    body = given["body"]
    patch = Patch(
        fields=_fields(session, given),
        add_tags=add_tags,
        remove_tags=remove_tags,
        body=None if body is None else values.text_of(body),
        before=None if given["before"] is None else session.item(given["before"]),
        after=None if given["after"] is None else session.item(given["after"]),
    )
    session.replica.edit(doc, patch)
    edited = session.replica.item(doc)
    session.answer(json_shapes.item(edited), lambda: f"Now {item_line(edited, session.now)}")


def _fields(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Read the scalar fields that were given; an absent option leaves its field as it is."""
    read: dict[str, Callable[[Any], Any]] = {
        "title": lambda text: text,
        "due": lambda text: values.due(text, session.now),
        "priority": values.clearable,
        "list_name": values.clearable,
        "parent": lambda text: None if values.clearable(text) is None else session.item(text),
        "assignee": values.clearable,
        "repeat": values.repeat,
        "pinned": lambda pinned: pinned,
    }
    names = {"list_name": "list"}
    return {
        names.get(option, option): reader(given[option])
        for option, reader in read.items()
        if given[option] is not None
    }
