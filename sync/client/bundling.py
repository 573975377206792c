"""Carrying a space's changes by file: writing a bundle of them, and taking one in.

A bundle holds all of a space that may leave this device, so that one is enough whatever the other
device has; what it knows already it knows by hash. Taking one in goes the way of a pull: inspected,
tried, logged in one transaction a page, with the writing home named as where the rows came from.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from store import log, offered_again, peers, spaces
from store.change_set import ChangeSet
from store.commands.receiving_members import take_in_members
from store.domain.errors import InvalidValue, Refused
from store.domain.fields import validated_name
from store.domain.ids import ReplicaId, SpaceId, parse_replica_id, parse_space_id
from store.domain.limits import PUSH_ROWS, PUSH_ROWS_MAX
from store.log import LogRow
from store.log.entries import MEMBER
from store.log.reading import CHANGE
from store.members.reading import STATEMENTS_MAX, member, root_of
from store.members.signing import own_keys
from store.spaces import note_carried
from sync.client.doorway import GENERATION_BYTES, NAME_SHOWN_MAX, peer_id
from sync.client.home import Home
from sync.client.incoming import Incoming
from sync.client.outgoing import wire_row
from sync.protocol.bundle import (
    MAGIC,
    PAGE_BYTES_MAX,
    BundleEnd,
    BundleHead,
    BundlePage,
    BundleRefused,
    BundleWriter,
    read_bundle,
    signer_of,
)
from sync.protocol.messages import LogPosition

if TYPE_CHECKING:
    from store.replica import Replica

_PART: Final = ".part"  # beside the file until it is whole

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class WrittenBundle:
    """A bundle that was written: of which space (its name), how many changes, how many bytes."""

    space: str
    changes: int
    bytes: int


@dataclass(frozen=True, slots=True)
class TakenBundle:
    """What became of a bundle.

    Attributes:
        space: name of the space on this device.
        is_new: the space was not on this device before.
        person, device: who wrote it, as it says.
        changes: new here.
        known: were here already.
        waiting: kept until what they follow comes.
        refused: not taken, kept as evidence.
        conflicts: open in the space now.
    """

    space: str
    is_new: bool
    person: str
    device: str
    changes: int
    known: int
    waiting: int
    refused: int
    conflicts: int

    @property
    def needs_person(self) -> bool:
        """Whether something waits for a person."""
        return bool(self.waiting or self.refused or self.conflicts)


def write_bundle(
    replica: "Replica",
    path: Path,
    *,
    space: str | None,
    now_ms: int,
    entropy: Callable[[int], bytes] = os.urandom,
    progress: Progress = lambda _rows: None,
) -> WrittenBundle:
    """Write all of a space that may leave this device to a file; an older bundle is replaced.

    Left out is what a server refused, with all that follows it (DECISIONS D20).

    Args:
        replica: the home. Its log may grow meanwhile; the bundle ends where the log did.
        path: the file.
        space: name or id; None is the current one.
        now_ms: Unix time.
        entropy: so many random bytes, for the device's key if it has none.
        progress: told how many rows were written.

    Raises:
        DomainError: no such space, this device may only read it (D21), or the file is something
            else than a bundle.
        OSError: the file can't be written; an older one is as it was.
    """
    row = replica.space(space)
    if row.role == "viewer":
        raise Refused(
            f"You may only read {row.name}, so nobody would take a bundle of yours; ask an owner "
            "to let you edit."
        )
    _refuse_other_file(path)
    with replica.db.write() as conn:
        keys = own_keys(conn, entropy)
    changes = 0
    part = path.with_name(path.name + _PART)
    try:
        with part.open("wb") as file:
            head = _head(replica, SpaceId(row.id), row.name, now_ms)
            with BundleWriter(file, head, keys) as bundle:
                for page in _pages(replica, SpaceId(row.id)):
                    bundle.page([wire_row(each) for each in page])
                    changes += sum(each.type == CHANGE for each in page)
                    progress(bundle.rows)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        part.replace(path)
    except OSError as error:
        error.filename = str(path)  # as the person named it
        raise
    finally:
        part.unlink(missing_ok=True)
    return WrittenBundle(row.name, changes, size)


def take_bundle(
    replica: "Replica",
    path: Path,
    *,
    now_ms: Callable[[], int],
    entropy: Callable[[int], bytes] = os.urandom,
    progress: Progress = lambda _rows: None,
) -> TakenBundle:
    """Take in a bundle; taking it in again changes nothing.

    The file is read to its end and checked before anything is written. A space that isn't on this
    device is added and becomes the current one, as by `join`; a server, if it has one, is known
    only after joining by an invite.

    Raises:
        BundleRefused: the file is not a whole bundle, or the list of the space's members says that
            the device that wrote it may not write (D21). No change was taken in.
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        found = _checked(file)
        head = found.head
        file.seek(0)
        space = parse_space_id(head.space)
        is_new = _ensure_space(replica, head, space, now_ms(), entropy)
        peer = peer_id(found.sender, space)
        _check_signer(replica, space, found, peer)
        incoming = Incoming(Home(replica, peer, space, now_ms))
        rows = accepted = waiting = refused = 0
        for frame in read_bundle(file):
            if isinstance(frame, BundlePage):
                taken = incoming.take(frame.rows, None)
                rows += sum(row.type == CHANGE for row in frame.rows)
                accepted += taken.changes
                waiting += taken.waiting
                refused += taken.damaged + taken.quarantined
                progress(rows)
    return TakenBundle(
        space=replica.space(space).name,
        is_new=is_new,
        person=head.person,
        device=head.device,
        changes=accepted,
        known=max(0, rows - accepted - waiting - refused),
        waiting=waiting,
        refused=refused,
        conflicts=replica.status(space).conflicts,
    )


def _head(replica: "Replica", space: SpaceId, name: str, now_ms: int) -> BundleHead:
    who = replica.identity
    with replica.db.read() as conn:
        end = log.position(conn, space)
    return BundleHead(
        space=space,
        name=name,
        person=who.person,
        device=who.device,
        replica=who.replica_id,
        log=LogPosition(end.generation, end.seq, end.chain),
        made_at_ms=now_ms,
    )


def _pages(replica: "Replica", space: SpaceId) -> Iterator[list[LogRow]]:
    """Read the rows that may leave, page by page, up to where the log ends now."""
    with replica.db.write() as conn:
        end = log.position(conn, space).seq
        kept_back = peers.parked_hashes(conn, space)
        # Nobody can say any more that what was offered once more has not left this device.
        offered_again.note_sent(conn, space, offered_again.unsent(conn, space))
    after = 0
    while after < end:
        with replica.db.read() as conn:
            rows = log.rows_after(
                conn,
                space,
                after,
                rows_max=PUSH_ROWS,
                rows_of_one_max=PUSH_ROWS_MAX,
                bytes_max=PAGE_BYTES_MAX,
            )
        if not rows:
            return
        after = rows[-1].seq
        page: list[LogRow] = []
        for row in rows:
            if row.seq > end:
                break
            if row.hash in kept_back or not kept_back.isdisjoint(row.deps):
                kept_back.add(row.hash)
            else:
                page.append(row)
        if page:
            yield page


@dataclass(frozen=True, slots=True)
class _Checked:
    """What a bundle says of itself.

    Attributes:
        head: its first frame.
        sender: the home that wrote it.
        signer: the key that signed it; None where none did.
        statements: what it says about the members of its space.
    """

    head: BundleHead
    sender: ReplicaId
    signer: bytes | None
    statements: list[bytes]


def _checked(file: BinaryIO) -> _Checked:
    """Read a bundle to its end."""
    head: BundleHead | None = None
    end: BundleEnd | None = None
    statements: list[bytes] = []
    for frame in read_bundle(file):
        match frame:
            case BundleHead():
                head = frame
            case BundleEnd():
                end = frame
            case BundlePage(rows) if len(statements) < STATEMENTS_MAX:
                statements += [row.raw for row in rows if row.type == MEMBER]
    assert head is not None, "a bundle that was read to its end begins with a head"
    assert end is not None, "and ends with an end"
    try:
        parse_space_id(head.space)
        validated_name("name", head.name)
        sender = parse_replica_id(head.replica)
        return _Checked(head, sender, signer_of(head, end), statements)
    except InvalidValue as error:
        raise BundleRefused(f"The bundle does not say whose it is ({error})") from error


def _check_signer(replica: "Replica", space: SpaceId, found: _Checked, peer: str) -> None:
    """Ask the list of members whether whoever wrote the bundle may write; it may bring news of it.

    A space without a list (it is not shared, or not by that way) takes what it is given.
    """
    with replica.act("sync") as act:
        if root_of(act.conn, space) is None:
            return
        take_in_members(act, space, found.statements, origin=peer)
        by = None if found.signer is None else member(act.conn, space, found.signer)
    device = found.head.device or "a device"
    if by is None:
        raise BundleRefused(
            f"The bundle is not from a member of the space, though it says that {device} wrote it; "
            "let that device join first."
        )
    if by.is_revoked:
        raise BundleRefused(
            f"An owner removed {by.device} from the space; nothing of its bundle was taken in."
        )
    if by.role == "viewer":
        raise BundleRefused(
            f"{by.device} may only read the space; nothing of its bundle was taken in."
        )


def _ensure_space(
    replica: "Replica",
    head: BundleHead,
    space: SpaceId,
    now_ms: int,
    entropy: Callable[[int], bytes],
) -> bool:
    """Add the bundle's space if it isn't here; tell whether it was added."""
    with replica.db.write() as conn:
        known = spaces.space_names(conn)
        if space in known:
            return False
        name = validated_name("name", head.name)
        if name in known.values():  # everybody has a Personal
            by = head.person or head.device or space
            name = validated_name("name", f"{name[:NAME_SHOWN_MAX]} ({by[:NAME_SHOWN_MAX]})")
        log.create_space(conn, space, name, entropy(GENERATION_BYTES), now_ms, "local")
        note_carried(conn, space)
        spaces.set_current(conn, space)
    replica.announce(ChangeSet(topics=frozenset({"spaces", "sync"}), initiator="sync"))
    return True


def _refuse_other_file(path: Path) -> None:
    """Refuse to write over what is no bundle: a slip of the finger must not cost a file."""
    if not path.exists():
        return
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise Refused(f"{path} is there already and is no bundle; choose another name.")
