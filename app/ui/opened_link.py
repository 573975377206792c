"""Invite links that the system hands over, because somebody tapped `cairn://join?...` elsewhere.

A phone gives the app such a link as the page's route, whole or without what is before the question
mark. Nobody joins by that alone: the link is put where a person sees it, and joins or not.
"""

from typing import Final
from urllib.parse import urlsplit

from app.ui.session import Session
from store.domain.errors import InvalidValue
from sync.client.link import parse_link

DIALOG: Final = "join"  # of `app.ui.views.dialogs`
_BEGINNING: Final = "cairn://join?"


def invitation_in(route: str) -> str:
    """Give the invite link in a route; nothing where it is an address of the app's own."""
    link = _BEGINNING + urlsplit(route).query
    try:
        parse_link(link)
    except InvalidValue:
        # What is meant as a link of ours and is damaged, the person is told by joining with it.
        return route if route.startswith("cairn:") else ""
    return link


def offer(session: Session, route: str) -> None:
    """Show what a route invites to, if it does."""
    link = invitation_in(route)
    if link:
        session.model.invitation = link
        if not session.model.place.is_welcome:  # whose way to join has it
            session.model.place.dialog = DIALOG
