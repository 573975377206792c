"""Imports what Joplin exports: a `.jex` file, or its folder of raw files.

    title, empty line, text, empty line, `key: value` on each line; `type_` says what it is

Notebooks become tags of a note, one each, and the list of a to-do, which becomes a task. Links from
note to note (`:/<id>`) keep working, since a note's source is just that. Attachments stay behind
and are reported. Format: packages/lib/services/interop of github.com/laurent22/joplin.
"""

import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final

from store.domain.due_date import due_text
from store.domain.errors import InvalidValue
from store.domain.links import JOPLIN_ADDRESS
from store.imports import ImportItem
from store.interchange.errors import ImportRefused
from store.interchange.front_matter import moment_ms
from store.interchange.item import import_item
from store.interchange.reader import Target
from store.interchange.report import Losses, Progress

NOTE, FOLDER, RESOURCE, TAG, NOTE_TAG = "1", "2", "4", "5", "6"

_ID: Final = re.compile(r"[0-9a-f]{32}")
_FILE: Final = re.compile(r"[0-9a-f]{32}\.md")
_PROPERTY: Final = re.compile(r"(?P<key>[a-z][a-z0-9_]*): ?(?P<value>.*)")
_BYTES_MAX: Final = 16 * 1024 * 1024  # of one note; what is longer can't be an item anyway
_FOLDERS_DEEP_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class _Entry:
    """One file: a note, a notebook, a tag ..."""

    title: str
    body: str
    said: Mapping[str, str]

    @property
    def id(self) -> str:
        return self.said.get("id", "")


@dataclass(slots=True)
class _Shelf:
    """What is there beside the notes."""

    folders: dict[str, _Entry] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    tags_of: dict[str, list[str]] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)


class JoplinReader:
    """Reads notes and to-dos, after a first look at notebooks and tags.

    Attributes:
        known: nothing; Joplin names no items of ours.
    """

    def __init__(self, path: Path, losses: Losses, target: Target) -> None:  # noqa: ARG002
        """Look through the export.

        Args:
            path: a `.jex` file, or the folder of a raw export.
            losses: told what could not be kept.
            target: the space that is imported into.

        Raises:
            ImportRefused: it is no export of Joplin.
        """
        self.known = 0
        self._losses = losses
        self._path = path
        self._shelf = _Shelf()
        self._notes = 0
        for entry in _entries(path):
            self._notes += entry.said["type_"] == NOTE
            _put_away(entry, self._shelf)
        if not self._notes:
            raise ImportRefused(f"There are no notes of Joplin in {path}.")
        if count := len(self._shelf.resources):
            names = ", ".join(list(self._shelf.resources.values())[:5])
            losses.drop(path.name, f"{count} attachments ({names})")

    def items(self, progress: Progress | None = None) -> Iterator[ImportItem]:
        """Turn all notes into items."""
        notes = (each for each in _entries(self._path) if each.said["type_"] == NOTE)
        for done, entry in enumerate(notes, start=1):
            name = f"{entry.title[:60]} ({entry.id[:8]})"
            try:
                yield from self._item(entry, name)
            except InvalidValue as reason:
                self._losses.skip(name, str(reason))
            if progress is not None:
                progress(done, self._notes)

    def _item(self, entry: _Entry, name: str) -> Iterator[ImportItem]:
        said, folders = entry.said, self._folders_of(entry)
        if said.get("encryption_applied") == "1":
            self._losses.skip(name, "it is encrypted; export it from Joplin once it is decrypted")
            return
        if said.get("deleted_time", "0") not in ("", "0"):
            self._losses.skip(name, "it is in the trash of Joplin")
            return
        is_task = said.get("is_todo") == "1"
        fields: dict[str, object] = {}
        if is_task and folders:
            fields["list"] = folders[-1]
        if is_task and (due := _due(said.get("todo_due", "0"))):
            fields["due"] = due
        shelf = self._shelf
        tags = [shelf.tags[tag] for tag in shelf.tags_of.get(entry.id, ()) if tag in shelf.tags]
        if said.get("is_conflict") == "1":
            tags.append("conflict")
        self._report_attachments(entry, name)
        source_url = said.get("source_url", "")
        yield import_item(
            "task" if is_task else "note",
            JOPLIN_ADDRESS + entry.id,
            title=entry.title or next(filter(None, entry.body.split("\n")), "Untitled")[:80],
            body=entry.body + (f"\n\nSource: {source_url}\n" if source_url else ""),
            losses=self._losses,
            tags=tags if is_task else [*folders, *tags],
            fields=fields,
            at_ms=moment_ms(said.get("user_created_time") or said.get("created_time")),
            state=_state(said) if is_task else None,
            is_in_order=is_task,
        )

    def _folders_of(self, entry: _Entry) -> list[str]:
        names: list[str] = []
        folder = self._shelf.folders.get(entry.said.get("parent_id", ""))
        while folder is not None and len(names) < _FOLDERS_DEEP_MAX:
            names.insert(0, folder.title)
            folder = self._shelf.folders.get(folder.said.get("parent_id", ""))
        return names

    def _report_attachments(self, entry: _Entry, name: str) -> None:
        linked = set(_ID.findall(entry.body)) & self._shelf.resources.keys()
        if linked:
            names = ", ".join(sorted(self._shelf.resources[each] for each in linked)[:5])
            self._losses.drop(name, f"links to attachments, kept as text: {names}")


def _entries(path: Path) -> Iterator[_Entry]:
    """Read all files of an export that say what they are.

    Raises:
        ImportRefused: the export can't be read.
    """
    try:
        for raw in _in_folder(path) if path.is_dir() else _in_archive(path):
            entry = _parsed(raw)
            if entry is not None:
                yield entry
    except FileNotFoundError as missing:
        raise ImportRefused(f"There is nothing at {path}; check the path.") from missing
    except (tarfile.TarError, EOFError) as error:
        raise ImportRefused(f"{path} is no export of Joplin ({error}).") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ImportRefused(f"{path} can't be read ({why}).") from error


def _in_folder(path: Path) -> Iterator[bytes]:
    for file in sorted(path.glob("*.md")):
        if _FILE.fullmatch(file.name) and file.is_file():
            with file.open("rb") as opened:
                yield opened.read(_BYTES_MAX + 1)


def _in_archive(path: Path) -> Iterator[bytes]:
    with tarfile.open(path, "r:") as archive:
        for member in archive:
            if _FILE.fullmatch(PurePosixPath(member.name).name) and member.isfile():
                opened = archive.extractfile(member)
                if opened is not None:
                    yield opened.read(_BYTES_MAX + 1)


def _parsed(raw: bytes) -> _Entry | None:
    text = raw.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n")
    above, _, below = text.rpartition("\n\n")
    said: dict[str, str] = {}
    for line in below.split("\n"):
        found = _PROPERTY.fullmatch(line)
        if found is None:
            return None
        said[found["key"]] = found["value"].replace("\\n", "\n").strip()
    if "type_" not in said or not _ID.fullmatch(said.get("id", "")):
        return None
    title, _, body = above.partition("\n")
    return _Entry(title.strip(), body.removeprefix("\n"), said)


def _put_away(entry: _Entry, shelf: _Shelf) -> None:
    said, kind = entry.said, entry.said["type_"]
    if kind == FOLDER:
        shelf.folders[entry.id] = entry
    elif kind == RESOURCE:
        shelf.resources[entry.id] = entry.title or entry.id
    elif kind == TAG:
        shelf.tags[entry.id] = entry.title
    elif kind == NOTE_TAG:
        shelf.tags_of.setdefault(said.get("note_id", ""), []).append(said.get("tag_id", ""))


def _state(said: Mapping[str, str]) -> str:
    return "open" if said.get("todo_completed", "0") in ("", "0") else "done"


def _due(at_ms: str) -> str | None:
    if not at_ms.isdigit() or at_ms == "0":
        return None
    try:
        return due_text(datetime.fromtimestamp(int(at_ms) // 1000, tz=UTC))
    except (ValueError, OverflowError, OSError):
        return None
