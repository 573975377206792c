"""Where the latest version of an item is: on the server, on which other devices."""

import flet as ft

from app.receipt_words import confirmed_words
from app.ui.components.controls import quiet
from app.ui.session import Session
from app.ui.use_query import use_query
from store.domain.ids import DocId


@ft.component
def Whereabouts(session: Session, doc: DocId) -> ft.Control:  # noqa: N802
    """Draw the line; it moves as soon as another device says that it has the item."""
    found = use_query(
        session,
        lambda replica: replica.confirmed(doc),
        on=("items", "sync"),
        given=(doc,),
        keep=True,
    )
    return quiet("" if found is None else confirmed_words(found))
