"""Asks servers about spaces, for the settings; what is not an answer within a time is told."""

from app.ui.session import Session
from sync.client.membership import Membership
from sync.transport.http import HttpTransport


def members_of(session: Session) -> Membership:
    """What this home does about spaces that servers host."""
    return Membership(session.core.replica, HttpTransport)
