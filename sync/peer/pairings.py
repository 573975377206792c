"""The codes that are open: one use, few tries, ten minutes; only what follows from them is stored.

They stand in the home's database, so that another process (`cairn pair`) can make one for the
process that serves.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store.commands.undoing import record_final
from store.domain.ids import SpaceId
from store.domain.membership import Role
from sync.protocol.codes import new_code, plain_code
from sync.protocol.pairing import PAIRING_S, pairing_secrets
from sync.protocol.problems import ProblemRaised, refuse
from sync.server.secrets import hash_of

if TYPE_CHECKING:
    from store.replica import Replica

TRIES_MAX: Final = 5  # wrong codes, after which those that are open die
OPEN_MAX: Final = 10  # the oldest make room


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it is shown, and when it expires."""

    code: str
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class Pairing:
    """What a code opens.

    Attributes:
        hash: of its secret.
        space: which space.
        role: what a device that is new to the space may do.
        proof_key: shows the other side that we know the code.
        used_by: replica id of who came in with it, if anybody did.
    """

    hash: bytes
    space: SpaceId
    role: Role
    proof_key: bytes
    used_by: str | None


def show_code(
    replica: "Replica",
    space: SpaceId,
    pin: str,
    *,
    role: Role,
    now_ms: int,
    entropy: Callable[[int], bytes],
) -> Code:
    """Open a code for one device. Takes 0.1 s.

    Args:
        replica: the home that serves.
        space: what it opens; shared already.
        pin: fingerprint of the certificate that this home serves with.
        role: what a device may do that is new to the space.
        now_ms: Unix time.
        entropy: so many random bytes.
    """
    code = new_code(entropy)
    secrets = pairing_secrets(plain_code(code), pin)
    expires_at_ms = now_ms + PAIRING_S * 1000
    with replica.act() as act:
        conn = act.conn
        conn.execute("DELETE FROM pairing WHERE expires_at_ms <= ?", (now_ms,))
        conn.execute(
            "DELETE FROM pairing WHERE hash IN (SELECT hash FROM pairing"
            " ORDER BY expires_at_ms DESC LIMIT -1 OFFSET ?)",
            (OPEN_MAX - 1,),
        )
        conn.execute(
            "INSERT INTO pairing (hash, space, role, proof_key, expires_at_ms, tries_left)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                hash_of(secrets.secret),
                space,
                role,
                secrets.proof_key,
                expires_at_ms,
                TRIES_MAX,
            ),
        )
        record_final(act, "pair")
    return Code(code, expires_at_ms)


def try_secret(conn: sqlite3.Connection, secret: str, now_ms: int) -> Pairing | ProblemRaised:
    """Find what a secret opens; a wrong one costs every open code a try.

    Args:
        conn: in a write transaction, which has to be committed either way.
        secret: as the guest sent it.
        now_ms: Unix time.

    Returns:
        What it opens, or why it opens nothing. Whether it was used is for the caller to judge, who
        may have to repeat a reply that got lost.
    """
    row = conn.execute(
        "SELECT hash, space, role, proof_key, used_by, expires_at_ms, tries_left FROM pairing"
        " WHERE hash = ?",
        (hash_of(secret),),
    ).fetchone()
    if row is None:
        conn.execute("UPDATE pairing SET tries_left = max(0, tries_left - 1)")
        return refuse(
            "pairing-code",
            "That is not a code of this device; look again at what it shows, or let it show a new "
            "one.",
        )
    *fields, expires_at_ms, tries_left = row
    pairing = Pairing(*fields)
    if pairing.used_by is not None:
        return pairing
    if tries_left <= 0:
        return refuse(
            "pairing-code", "Too many wrong codes were tried there; let it show a new one."
        )
    # A clock that was set back must not keep a code open for years.
    if not 0 < expires_at_ms - now_ms <= PAIRING_S * 1000:
        return refuse("invite-expired", "The code has expired; let the device show a new one.")
    return pairing


def note_used(conn: sqlite3.Connection, pairing: Pairing, replica: str) -> None:
    """Say who came in; nobody else does with the same code."""
    conn.execute("UPDATE pairing SET used_by = ? WHERE hash = ?", (replica, pairing.hash))
