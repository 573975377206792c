"""Messages about who may enter a space: hosting it, invites and codes, its devices.

Secrets are shown once, to whom they are for; whoever gave them out keeps only their hashes.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from store.domain.membership import Role
from sync.protocol.fields import ID_CHARS_MAX, AtMs, Id, Name, Secret
from sync.protocol.proving import KeyProof, PublicKey

INVITE_USES_MAX: Final = 100
PROOFS_MAX: Final = 1_000  # statements that come with an entry


class CreateSpace(Struct, frozen=True):
    """Host a space on a server; its creator becomes the owner.

    Attributes:
        space: the space's id, chosen by the client (a local space keeps its id when published).
        name: the space's name.
        person: who asks, for display.
        device: the device's name, for display.
        replica: the asking home's replica id.
        setup_code: proves that the first space's creator saw the server's ready line; afterwards
            None, and the request carries the token of an owner of any space on that server.
        proof: the device's key, by which other members will know it.
    """

    space: Id
    name: Name
    person: Name
    device: Name
    replica: Id
    setup_code: Secret | None = None
    proof: KeyProof | None = None


class CreateInvite(Struct, frozen=True):
    """Ask for an invite to a space.

    Attributes:
        space: the space.
        role: what whoever uses it may do.
        expires_in_s: seconds from now on the server's clock.
        uses: how many devices it lets in.
    """

    space: Id
    role: Role
    expires_in_s: Annotated[int, Meta(ge=1, le=90 * 86_400)] = 7 * 86_400
    uses: Annotated[int, Meta(ge=1, le=INVITE_USES_MAX)] = 1


class Invite(Struct, frozen=True):
    """An invite. The secret is shown once; the server keeps only its hash.

    Attributes:
        ledger_key: as in `Joined`; the invite's link carries it.
    """

    secret: str
    expires_at_ms: AtMs
    ledger_key: bytes = b""


class Join(Struct, frozen=True):
    """Use an invite, or the secret of a pairing code.

    Attributes:
        secret: of the invite; or what follows from the code (`sync.protocol.pairing`).
        space: the space; empty with a code, which doesn't name it.
        person, device: names, for display.
        replica: the asking home's replica id.
        proof: the device's key, by which other members will know it; a must with a code.
    """

    secret: Secret
    space: Annotated[str, Meta(max_length=ID_CHARS_MAX)]
    person: Name
    device: Name
    replica: Id
    proof: KeyProof | None = None


class Joined(Struct, frozen=True):
    """What a device needs from now on. The token is shown once; the server keeps only its hash.

    Attributes:
        space: the space's id.
        name: the space's name.
        token: opens this space for this replica, as `Authorization: Bearer`.
        role: what the device may do.
        replica: the replica id that the token stands for.
        server_id: names the server, however its address changes; of a device its replica id.
        ledger_key: by which the acts of the space's ledger are verified; empty = none is kept here.
        list_key: the key that the space's list of members follows from.
        members: statements that say so of both devices, from who may; of a device only.
        host: the key of the device that let it in; None of a server.
        host_name: that device's name, for display.
        proof: shows that it knows the code (`sync.protocol.pairing`).
    """

    space: str
    name: str
    token: str
    role: Role
    replica: str
    server_id: str
    ledger_key: bytes = b""
    list_key: PublicKey | None = None
    members: Annotated[list[bytes], Meta(max_length=PROOFS_MAX)] = []
    host: PublicKey | None = None
    host_name: Name = ""
    proof: bytes | None = None


class Device(Struct, frozen=True):
    """A member device of a space. `id` is its replica id."""

    id: str
    person: str
    device: str
    role: Role
    created_at_ms: AtMs
    last_seen_at_ms: AtMs | None = None
    revoked: bool = False


class Devices(Struct, frozen=True):
    """All devices that ever joined a space, oldest first."""

    devices: list[Device]


class RevokeDevice(Struct, frozen=True):
    """Close the door to a device. What it wrote stays."""

    space: Id
    id: Id


class Revoked(Struct, frozen=True):
    """The device that is out now, and was before if this was said twice."""

    id: str


class ChangeRole(Struct, frozen=True):
    """Let a device do more or less than before; owners may ask for it."""

    space: Id
    id: Id
    role: Role


class RoleChanged(Struct, frozen=True):
    """The device, and what it may do now; it may have been so before."""

    id: str
    role: Role


class RekeyDevice(Struct, frozen=True):
    """A copied or restored home takes a new replica id; the old token stays with the other copy."""

    space: Id
    replica: Id
