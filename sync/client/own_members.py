"""The members of a space without a server, as this device signs them: who, and what they may do."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from store import peers
from store.commands.inverse import Inverse
from store.commands.receiving_members import follow_list
from store.commands.undoing import Undone, agreed, record_act, record_final
from store.commands.unit_of_work import UnitOfWork
from store.domain.errors import Ambiguous, AskOthers, NotFound, Refused
from store.domain.ids import SpaceId
from store.domain.membership import Role
from store.members import roster
from store.members.codec import Body
from store.members.reading import Member, may_sign, members
from store.members.signing import own_keys
from sync.protocol.entering import Device

if TYPE_CHECKING:
    from store.replica import Replica


def listed(replica: "Replica", space: SpaceId) -> list[Device]:
    """The devices of a space, those that were shut out too; empty where it has no list."""
    with replica.db.read() as conn:
        seen = {peer.key: peer.last_seen_at_ms for peer in peers.peers(conn, space)}
        return [as_device(one, seen.get(one.key)) for one in members(conn, space)]


def shut_out(replica: "Replica", device: str, space: SpaceId) -> Member:
    """Shut a device out of a space; every device learns of it from whoever meets it next.

    Args:
        replica: the home.
        device: its replica id, a unique start of it, or its name.
        space: which space.

    Raises:
        NotFound, Ambiguous: no such device, or several.
        Refused: this device's signature does not count, or it is the one.
    """

    def note(act: UnitOfWork, _: Member, __: Member) -> None:
        record_final(act, "revoke")

    return _restate(replica, device, space, lambda found: replace(found, is_revoked=True), note)


def give_role(replica: "Replica", device: str, role: Role, space: SpaceId) -> Member:
    """Let a device do more or less in a space; otherwise as `shut_out`.

    Raises:
        Refused: also where the device was shut out: it comes back by a new code only.
    """

    def note(act: UnitOfWork, before: Member, now: Member) -> None:
        step = Inverse.of_role(now.replica, space, now=now.role, before=before.role)
        record_act(act, "role", [step])

    def changed(found: Member) -> Member:
        if found.is_revoked:
            raise Refused(f"{found.device} was shut out; let it in again by a new code.")
        return replace(found, role=role)

    return _restate(replica, device, space, changed, note)


def give_role_back(replica: "Replica", asked: AskOthers, space: SpaceId) -> Undone:
    """Take back an act by which a device was let do something else; as `give_role`.

    Raises:
        Refused: also where what the device may do was changed since.
    """
    undone: list[Undone] = []

    def changed(found: Member) -> Member:
        if found.is_revoked or found.role != asked.now:  # in the transaction that signs
            raise changed_since(found.device)
        return replace(found, role=cast(Role, asked.wanted))

    def note(act: UnitOfWork, _: Member, __: Member) -> None:
        undone.append(agreed(act, asked.number))

    _restate(replica, asked.device, space, changed, note)
    return undone[0]


def changed_since(device: str) -> Refused:
    """Say why a role can't be given back: somebody has given the device another one meanwhile."""
    return Refused(f"What {device} may do was changed since, so this can't be undone.")


def _restate(
    replica: "Replica",
    device: str,
    space: SpaceId,
    change: Callable[[Member], Member],
    note: Callable[[UnitOfWork, Member, Member], None],
) -> Member:
    """Sign that a member is otherwise than before, where it is; `note` remembers the act."""
    with replica.act() as act:
        known = members(act.conn, space)
        shown = [as_device(one) for one in known]
        found = known[shown.index(find_device(shown, device))]
        keys = own_keys(act.conn, act.world.entropy)
        if not may_sign(act.conn, space, keys.public):
            raise Refused(
                "Only a device of an owner changes who belongs to the space and what they may do."
            )
        if found.key == keys.public:
            raise Refused(
                "This device can't change its own place in the space; do it on another owner's "
                "device."
            )
        wanted = change(found)
        if wanted == found:
            return found
        about = Body(
            found.key,
            found.replica,
            found.person,
            found.device,
            wanted.role,
            wanted.is_revoked,
            1,
            max(0, act.stamp.at_ms),
        )
        now = roster.state(act.conn, act.list_log_of(space), space, keys, about)
        follow_list(act.conn, space)
        note(act, found, now)
        return now


def as_device(one: Member, last_seen_at_ms: int | None = None) -> Device:
    """Write a member as the protocol shows devices."""
    return Device(
        id=one.replica,
        person=one.person,
        device=one.device,
        role=one.role,
        created_at_ms=one.at_ms,
        last_seen_at_ms=last_seen_at_ms,
        revoked=one.is_revoked,
    )


def find_device(devices: list[Device], wanted: str) -> Device:
    """Find a device by its id, a unique start of it, or its name.

    Raises:
        NotFound: none is called that.
        Ambiguous: several are.
    """
    inside = [device for device in devices if not device.revoked] or devices
    for fits in (
        [device for device in devices if device.id == wanted],
        [device for device in inside if device.device.casefold() == wanted.casefold()],
        [device for device in inside if wanted and device.id.startswith(wanted)],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            ids = tuple(device.id for device in fits)
            raise Ambiguous(
                f"{len(fits)} devices are called {wanted}; give an id instead: {', '.join(ids)}.",
                matches=ids,
            )
    raise NotFound(f"The space has no device {wanted}; `cairn devices` lists them.")
