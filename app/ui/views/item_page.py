"""The page of whichever item is open on a screen that lists tasks and notes."""

import flet as ft

from app.ui.components.controls import keyed
from app.ui.session import Session
from app.ui.views.note_editor import NoteEditor
from app.ui.views.task_detail import TaskDetail
from store.domain.ids import DocId, kind_of


def item_page(session: Session, item: str | None) -> ft.Control | None:
    """Draw it; `item` is its id, None where none is open."""
    if item is None:
        return None
    doc = DocId(item)
    return keyed(TaskDetail if kind_of(doc) == "task" else NoteEditor, item, session, doc)
