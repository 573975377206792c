"""Who belongs to a space, as a fold of signed statements; the same on every replica, in any order.

A statement is about one device, named by its public key, by one signer. The space has one root: the
key of its server, or without one of the device that made it. What the root signs counts, and what
devices sign that the root itself made owners: so an owner can let somebody in far from the root,
and no chain of trust is longer than that, nor can two owners end each other's right to sign.

    of all that counts about a device   the highest version counts: one above all its signer knew
    two of the same version             shut out before let in, then the lesser role, then the hash

No clock and no numbering by signers takes part, so that a root restored from a backup, or two
owners who are apart, can't make replicas differ (DECISIONS D17, D21; ADR 17).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["owner", "editor", "viewer"]
ROLES: Final[tuple[Role, ...]] = ("owner", "editor", "viewer")  # from most rights to fewest


@dataclass(frozen=True, slots=True)
class Statement:
    """What one signer says of one device.

    Attributes:
        key: the device's public key (Ed25519, 32 bytes).
        replica: its replica id when this was said, for display.
        person, device: names, for display.
        role: what it may do.
        is_revoked: it may do nothing any more.
        version: one above the highest that the signer knew about this device.
        at_ms: the signer's clock, for display.
        signer: whose signature it carries.
        hash: of the signed bytes.
    """

    key: bytes
    replica: str
    person: str
    device: str
    role: Role
    is_revoked: bool
    version: int
    at_ms: int
    signer: bytes
    hash: bytes

    @property
    def is_owner(self) -> bool:
        """Whether it makes the device an owner."""
        return self.role == "owner" and not self.is_revoked


@dataclass(frozen=True, slots=True)
class Membership:
    """What all statements come to.

    Attributes:
        members: by public key what counts about each device, those shut out too.
        signers: whose statements count.
    """

    members: dict[bytes, Statement]
    signers: frozenset[bytes]


def fold(root: bytes, statements: Iterable[Statement]) -> Membership:
    """Find out who belongs to a space.

    Args:
        root: the public key that everything follows from.
        statements: verified ones, in any order, with repeats.
    """
    said = tuple(statements)
    by_root = _latest(one for one in said if one.signer == root)
    signers = frozenset({root, *(key for key, one in by_root.items() if one.is_owner)})
    return Membership(_latest(one for one in said if one.signer in signers), signers)


def may_be_kept(root: bytes, known: Iterable[Statement], signer: bytes) -> bool:
    """Tell whether a signer's statements belong into the log.

    Who was an owner by the root's word at any time may have signed while that held. Whether it
    counts is for the fold to say: all replicas have to keep the same.
    """
    return signer == root or any(
        one.signer == root and one.role == "owner" and one.key == signer for one in known
    )


def _latest(statements: Iterable[Statement]) -> dict[bytes, Statement]:
    latest: dict[bytes, Statement] = {}
    for one in statements:
        before = latest.get(one.key)
        if before is None or _rank(one) > _rank(before):
            latest[one.key] = one
    return latest


def _rank(one: Statement) -> tuple[int, bool, int, bytes]:
    return one.version, one.is_revoked, ROLES.index(one.role), one.hash
