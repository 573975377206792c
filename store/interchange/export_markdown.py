"""Exports items as Markdown files with front matter, for people and for other programs.

    PATH/notes/<title>.md             or notes/<where it was imported from>, so that its links hold
    PATH/tasks/<list>/<title>.md      without a list: tasks/Inbox
    PATH/cairn-export.json            which files are ours

With more than one space each has a folder of its own above. What is in the trash is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from store.domain.ids import DocId, SpaceId
from store.domain.links import is_markdown
from store.interchange.contract_json import moment
from store.interchange.file_names import FilePlaces
from store.interchange.folder import EXPORT_INDEX
from store.interchange.front_matter import (
    read_front_matter,
    with_front_matter,
    without_keys,
)
from store.interchange.own_export import OWN_KEYS, TASK_KEYS
from store.interchange.report import Progress
from store.interchange.written_files import FolderExport
from store.rows import NoteRow, TaskRow

if TYPE_CHECKING:
    from store.replica import Replica
    from store.rows import SpaceRow

INBOX: Final = "Inbox"
# What JSON leaves as it is, but YAML takes for a line break or refuses.
_NOT_IN_YAML: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class _Planned:
    doc: DocId
    path: PurePosixPath


def export_markdown(
    replica: Replica, path: Path, *, spaces: Sequence[SpaceRow], progress: Progress | None = None
) -> int:
    """Export the items of some spaces.

    Args:
        replica: what to export.
        path: a new or empty folder, or one with an earlier export, which is brought up to date.
        spaces: which.
        progress: called after each file with how many are written, and how many there will be.

    Returns:
        How many items were written.

    Raises:
        ExportRefused: the folder holds something else.
        ExportStopped: a file could not be written; those before it are complete.
    """
    folder = FolderExport(path, EXPORT_INDEX)
    planned = list(_planned(replica, spaces))
    folder.begin(each.path for each in planned)
    for done, each in enumerate(planned, start=1):
        folder.write(each.path, markdown_of(replica.item(each.doc)).encode())
        if progress is not None:
            progress(done, len(planned))
    folder.finish()
    return len(planned)


def markdown_of(row: TaskRow | NoteRow) -> str:
    """Write an item as Markdown: front matter, an empty line, its body and one line break."""
    said: list[tuple[str, object]] = [("id", row.id), ("kind", row.kind), ("title", row.title)]
    if isinstance(row, TaskRow):
        said.append(("state", row.state))
        said += [(key, getattr(row, key)) for key in TASK_KEYS]
    elif row.pinned:
        said.append(("pinned", True))
    said.append(("tags", sorted(row.tags)))
    said += [("created", moment(row.created_at_ms)), ("updated", moment(row.updated_at_ms))]
    lines = "".join(f"{key}: {_yaml(value)}\n" for key, value in said if value not in (None, []))
    more, body = _front_matter_of(row.body or "", below=lines)
    return f"---\n{lines}{more}---\n" + (f"\n{body}\n" if body else "")


def _front_matter_of(body: str, *, below: str) -> tuple[str, str]:
    """Split off the front matter that a text has, if it can stand below the lines of an export."""
    front = read_front_matter(body)
    if not front.yaml or with_front_matter(front.yaml, front.body) != body:
        return "", body
    joined = read_front_matter(f"---\n{below}{front.yaml}---\n")
    if joined.problem is not None or without_keys(joined.yaml, OWN_KEYS) != front.yaml:
        return "", body
    return front.yaml, front.body


def _planned(replica: Replica, spaces: Sequence[SpaceRow]) -> Iterator[_Planned]:
    places = FilePlaces()
    for space in spaces:
        above = [space.name] if len(spaces) > 1 else []
        sources = _note_sources(replica, SpaceId(space.id))
        # Those with a path of their own come first, so that no title takes it.
        notes = sorted(
            replica.notes(space=space.id), key=lambda row: _age(row, row.id not in sources)
        )
        for note in notes:
            source = sources.get(note.id, PurePosixPath(note.title))
            folders = [*above, "notes", *source.parts[:-1]]
            imported = note.id in sources
            stem, suffix = (source.stem, source.suffix) if imported else (note.title, ".md")
            yield _Planned(DocId(note.id), places.place(folders, stem, suffix, note.id))
        for task in sorted(replica.tasks(space=space.id), key=lambda row: _age(row, False)):
            folders = [*above, "tasks", task.list or INBOX]
            yield _Planned(DocId(task.id), places.place(folders, task.title, ".md", task.id))


def _age(row: TaskRow | NoteRow, is_second: bool) -> tuple[bool, int, str]:
    return is_second, row.created_at_ms or 0, row.id


def _note_sources(replica: Replica, space: SpaceId) -> dict[str, PurePosixPath]:
    """Give the paths that the notes of a space were imported from, where they are Markdown."""
    with replica.db.read() as conn:
        rows = conn.execute(
            "SELECT doc, source FROM item WHERE space = ? AND kind = 'note' AND source IS NOT NULL",
            (space,),
        ).fetchall()
    return {doc: PurePosixPath(source) for doc, source in rows if is_markdown(source)}


def _yaml(value: object) -> str:
    """Write a value as YAML. JSON is YAML, but for a few characters."""
    if isinstance(value, list):
        return "[" + ", ".join(_yaml(each) for each in value) + "]"
    text = json.dumps(value, ensure_ascii=False)
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
