"""Notes: writing one, listing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app import json_shapes
from app.cli import values
from app.cli.parameters import command
from app.cli.render.words import item_line

if TYPE_CHECKING:
    from app.cli.session import Session


@command("note")
@click.argument("title", nargs=-1, required=True)
@click.option("--body", metavar="FILE|-", help="The text, from a file or from standard input.")
@click.option("--tag", "tags", multiple=True, metavar="T", help="A tag; repeatable.")
def note(session: Session, title: tuple[str, ...], body: str | None, tags: tuple[str, ...]) -> None:
    """Write a new note."""
    add_tags, remove_tags = values.tags(tags)
    if remove_tags:
        raise click.BadParameter("a new note has no tags to remove.", param_hint="'--tag'")
    text = "" if body is None else values.text_of(body)
    replica = session.replica
    added = replica.note(
        replica.add_note(" ".join(title), body=text, tags=add_tags, space=session.space)
    )
    session.answer(json_shapes.note(added), lambda: f"Added {item_line(added, session.now)}")


@command("notes")
@click.option("--tag", metavar="T", help="Only notes with this tag.")
@click.option("--view", type=click.Choice(["all", "trash"]), default="all", show_default=True)
def notes(session: Session, tag: str | None, view: str) -> None:
    """List notes of all spaces, or of one with --space; pinned ones first."""
    wanted = tag.lstrip("#") if tag is not None else None
    rows = session.replica.notes(tag=wanted, view=view, space=session.space)

    def text() -> str:
        from app.cli.render.items import note_list

        return note_list(rows, session.now)

    session.answer([json_shapes.note(row) for row in rows], text)
