"""Whether this device may share a space with others nearby, and the beginning of its list."""

import sqlite3
from typing import TYPE_CHECKING, Final

from store import peers, spaces
from store.commands.unit_of_work import UnitOfWork
from store.domain.errors import Refused
from store.domain.ids import SpaceId
from store.members import roster
from store.members.codec import Body
from store.members.reading import own_membership, root_of
from store.members.signing import Keys, own_keys
from store.replica.core import PERSONAL

if TYPE_CHECKING:
    from store.replica import Replica
    from store.replica.core import Identity

INITIATOR: Final = "peer"  # of acts by guests: not `sync`, so that the own engine hands them on


def share(replica: "Replica", space: str | None) -> SpaceId:
    """Make a space ready to be shared with devices nearby; doing it again changes nothing.

    The first time the space gets its list of members, which follows from this device if the space
    was made here.

    Args:
        replica: the home.
        space: name or id; None is the current one, unless that is the private one of this home.

    Raises:
        Refused: this device may not share it, or nobody said that a private space should be.
        NotFound, Ambiguous: no such space.
    """
    row = replica.space(space)
    found = SpaceId(row.id)
    with replica.act(INITIATOR) as act:
        if root_of(act.conn, found) is None:
            if space is None and row.name == PERSONAL:
                raise Refused(
                    f"{row.name} is on this device only; to share it, name it: --space {row.name}. "
                    "Or make another one with `cairn space create NAME`."
                )
            _begin_list(
                replica.identity, own_keys(act.conn, act.world.entropy), act, found, row.name
            )
        check_may_serve(act.conn, found)
    return found


def check_may_serve(conn: sqlite3.Connection, space: SpaceId) -> None:
    """Refuse to serve what this device may only read: serving is writing to others (D21).

    Raises:
        Refused: it is a viewer, or was shut out.
    """
    own = own_membership(conn, space)
    if own is not None and not own.is_revoked and own.role != "viewer":
        return
    name = spaces.space_names(conn).get(space, space)
    if own is None:
        raise Refused(f"This device is not on the list of {name}; sync once, or join anew.")
    if own.is_revoked:
        raise Refused(f"An owner removed this device from {name}; it is shared with nobody here.")
    raise Refused(f"You may only read {name}, so this device can't share it.")


def _begin_list(who: "Identity", keys: Keys, act: UnitOfWork, space: SpaceId, name: str) -> None:
    conn = act.conn
    if peers.server_of(conn, space) is not None:
        raise Refused(f"The server of {name} has not said who belongs to it yet; sync once first.")
    if spaces.is_carried(conn, space):
        raise Refused(
            f"{name} came by file, so its list of members is begun where it was made: share it "
            "there, and join with the code that is shown."
        )
    roster.set_root(conn, space, keys.public)
    about = Body(
        keys.public,
        who.replica_id,
        who.person,
        who.device,
        "owner",
        False,
        1,
        max(0, act.stamp.at_ms),
    )
    roster.state(conn, act.list_log_of(space), space, keys, about)
