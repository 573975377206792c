"""Reads folders of Markdown without a replica, and makes the files that a checkout can't hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from store.documents.inspect import inspect_change
from store.domain.ids import DocId, SpaceId
from store.imports import ImportItem
from store.interchange.markdown_folder import MarkdownReader
from store.interchange.reader import Target
from store.interchange.report import Losses
from store.log import doc_rows
from store.replica import Replica
from store.rows import NoteRow, TaskRow

VAULT: Final = Path(__file__).parents[1] / "data" / "vault"


@dataclass(frozen=True)
class Reading:
    """What a reader made of a folder.

    Attributes:
        items: by source, in the order in which they came.
        losses: what was left behind.
        known: files of our own export whose items are here and say the same.
    """

    items: Mapping[str, ImportItem]
    losses: Losses
    known: int

    def lost(self, item: str) -> list[str]:
        return [each.what for each in self.losses.dropped if each.item == item]


def read(
    path: Path,
    *,
    checkboxes_as_tasks: bool = False,
    here: Mapping[DocId, TaskRow | NoteRow] | None = None,
) -> Reading:
    losses = Losses()
    target = Target((here or {}).get, lambda place: "", checkboxes_as_tasks)
    reader = MarkdownReader(path, losses, target)
    items = list(reader.items())
    assert len({item.source for item in items}) == len(items)
    return Reading({item.source: item for item in items}, losses, reader.known)


def folder_of(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below `root` byte for byte, and give it back."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def send(doc: DocId, sender: Replica, receiver: Replica) -> None:
    """Bring all changes of a document from one replica to another, as a peer would."""
    with sender.db.read() as conn:
        rows = [inspect_change(row.bytes) for row in doc_rows(conn, doc) if row.bytes is not None]
    space = SpaceId(sender.space(sender.item(doc).space).id)
    receiver.apply_remote(space, [(doc, change) for change in rows], origin="peer", cursor=None)
