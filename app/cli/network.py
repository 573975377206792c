"""Asking servers from a command: one loop, the real transport, and everything closed at the end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from sync.client.membership import Membership
from sync.transport.http import HttpTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from app.cli.session import Session

T = TypeVar("T")


def ask_members(session: Session, ask: Callable[[Membership], Coroutine[Any, Any, T]]) -> T:
    """Ask something about who shares a space, and wait for the answer.

    Raises:
        DomainError: it can't be asked from here.
        SyncError: the server refused, or didn't answer in time.
    """
    return asyncio.run(ask(Membership(session.replica, HttpTransport)))
