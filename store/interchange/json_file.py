"""Imports our own JSON export (`export_json`): into another home, or into the one it came from.

Items that are here already are met again (`Target.meet`). Others become new items: an id belongs to
the space in which it was made, and two first contents of one document can't be.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from store.domain.errors import InvalidValue
from store.domain.ids import kind_of, parse_doc_id
from store.domain.lifecycle import STATES
from store.imports import ImportItem
from store.interchange.errors import ImportRefused
from store.interchange.export_json import FILE_NAME, FORMAT
from store.interchange.front_matter import moment_ms
from store.interchange.item import import_item
from store.interchange.own_export import NOTE_KEYS, TASK_KEYS, OwnItem
from store.interchange.reader import Target
from store.interchange.report import Losses, Progress
from store.interchange.source_file import text_of

_VERSION: Final = 1
_SOURCE: Final = "cairn:"  # and the id that the item had where it was exported


class JsonReader:
    """Reads the items of an export, parents first, otherwise in their order.

    Attributes:
        known: items that are here and say the same.
    """

    def __init__(self, path: Path, losses: Losses, target: Target) -> None:
        """Read the file.

        Args:
            path: the file, or the folder that has a `cairn.json`.
            losses: told what could not be kept.
            target: the space that is imported into.

        Raises:
            ImportRefused: it is no export of ours.
        """
        self.known = 0
        self._losses = losses
        self._target = target
        file = path / FILE_NAME if path.is_dir() else path
        export = _parsed(text_of(file), file)
        if conflicts := sum(not each.get("settled") for each in _objects(export, "conflicts")):
            losses.drop(file.name, f"{conflicts} open conflicts: only what was shown is imported")
        self._rows = _in_order(_objects(export, "items"))

    def items(self, progress: Progress | None = None) -> Iterator[ImportItem]:
        """Turn all rows into items."""
        for done, row in enumerate(self._rows, start=1):
            name = f"{str(row.get('title', ''))[:60]} ({str(row.get('id', ''))[:8]})"
            try:
                yield from self._item_of(row, name)
            except InvalidValue as reason:
                self._losses.skip(name, str(reason))
            if progress is not None:
                progress(done, len(self._rows))

    def _item_of(self, row: Mapping[str, Any], name: str) -> Iterator[ImportItem]:
        own = _own(row)
        met = self._target.meet(own, name, self._losses)
        if met is not None:
            self.known += met
            return
        self._report_reasons(row, name)
        fields = dict(own.fields)
        parent = fields.pop("parent", None)
        yield import_item(
            own.kind,
            _SOURCE + own.id,
            title=own.title,
            body=own.body,
            losses=self._losses,
            tags=own.tags,
            fields=fields,
            at_ms=own.at_ms,
            state=own.state,
            is_trashed=own.is_trashed,
            is_in_order=own.kind == "task",
            parent=None if parent is None else f"{_SOURCE}{parent}",
        )

    def _report_reasons(self, row: Mapping[str, Any], name: str) -> None:
        for event in _objects(row, "events"):
            if event.get("reason"):
                self._losses.drop(name, f"why it was {event.get('type')}: {event['reason']}")


def _own(row: Mapping[str, Any]) -> OwnItem:
    doc = parse_doc_id(str(row.get("id", "")))
    kind = kind_of(doc)
    if row.get("kind") != kind:
        raise InvalidValue(f"{row.get('kind')!r} is not what its id says: a {kind}.")
    keys = TASK_KEYS if kind == "task" else NOTE_KEYS
    state = row.get("state")
    if kind == "task" and state not in STATES:
        raise InvalidValue(f"{state!r} is no state of a task.")
    return OwnItem(
        id=doc,
        kind=kind,
        title=str(row.get("title", "")),
        body=str(row.get("body") or ""),
        tags=tuple(sorted(map(str, row.get("tags") or ()))),
        fields={key: row[key] for key in keys if row.get(key) not in (None, False)},
        state=state if kind == "task" else None,
        at_ms=moment_ms(row.get("created_at")),
        is_trashed=row.get("trashed") is True,
    )


def _parsed(text: str, file: Path) -> Mapping[str, Any]:
    try:
        export = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ImportRefused(f"{file} is no JSON ({error}).") from error
    if not isinstance(export, dict) or export.get("format") != FORMAT:
        raise ImportRefused(f"{file} is no JSON export of Cairn; import what `cairn export` wrote.")
    if export.get("version") != _VERSION:
        raise ImportRefused(f"{file} was written by a newer Cairn; update this one.")
    return export


def _objects(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    listed = value.get(key)
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _in_order(rows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort as the tasks stand, and bring each parent before what is a part of it."""
    rows = sorted(rows, key=lambda row: str(row.get("order") or ""))
    by_id = {row.get("id"): row for row in rows}
    ordered: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        line = [row]
        while (above := by_id.get(line[-1].get("parent"))) is not None and above not in line:
            line.append(above)
        for each in reversed(line):
            ordered.setdefault(id(each), each)
    return list(ordered.values())
