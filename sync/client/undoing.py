"""Undo and redo as a person means them: where others have to agree, they are asked first.

All that is this device's own the store takes back by itself. What a device may do in a space is for
the space's server to say, or for the signed list: so it is asked, and only once it has agreed does
the act count as undone. If it can't be reached, or says no, nothing has changed.
"""

import asyncio
from typing import TYPE_CHECKING

from store.domain.errors import AskOthers
from sync.client.membership import Membership

if TYPE_CHECKING:
    from store.commands.undoing import Undone
    from store.replica import Replica


async def undo(replica: "Replica", members: Membership, number: int | None = None) -> "Undone":
    """Take back this device's last act, or the one of a number.

    Raises:
        DomainError: there is none, or it can't be taken back, with the reason.
        SyncError: the server refused, or didn't answer.
    """
    try:
        return await asyncio.to_thread(replica.undo, number)
    except AskOthers as asked:
        return await members.change_role_back(asked)


async def redo(replica: "Replica", members: Membership) -> "Undone":
    """Put back what was undone last; raises as `undo`."""
    try:
        return await asyncio.to_thread(replica.redo)
    except AskOthers as asked:
        return await members.change_role_back(asked)
