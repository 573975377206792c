"""What can never be taken back, each with the sentence that says so.

Such an act is kept in the list of acts like any other, so that an undo right after it says why it
can't be gone back on, once, and does not quietly take back what came before it instead.
"""

from collections.abc import Mapping
from typing import Final

UNRECORDED: Final = "unrecorded"  # by a fault of ours: see `ReplicaCore.act`
FINALS: Final[Mapping[str, str]] = {
    "purge": "Emptying the trash can't be undone: what was in it is gone for good.",
    "create-space": "Making a space can't be undone: it stays, and nobody has to use it.",
    "publish": "Publishing can't be undone: the server has what is in the space.",
    "join": "Joining can't be undone here: an owner can shut this device out of the space.",
    "invite": "An invite can't be called back: it ends when it is used, or runs out.",
    "pair": "A code can't be called back: it ends when it is used, or after ten minutes.",
    "revoke": "Shutting out can't be undone: the device comes back by a new invite only.",
    UNRECORDED: "This can't be undone: no way back was kept, which is a fault of Cairn.",
}
