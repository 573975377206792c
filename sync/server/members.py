"""What owners do with the members of a space: invite, list, revoke, change roles."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace

from store.database.connection import Database
from sync.protocol.entering import (
    ChangeRole,
    CreateInvite,
    Device,
    Devices,
    Invite,
    Revoked,
    RevokeDevice,
    RoleChanged,
)
from sync.protocol.problems import ProblemRaised, refuse
from sync.server import limits, member_rows, receipts
from sync.server.authority import Authority
from sync.server.callers import Caller
from sync.server.hosted_list import HostedList, listed_as
from sync.server.member_rows import InviteRow, TokenRow
from sync.server.secrets import Entropy, hash_of, new_secret


class Members:
    """The members of the spaces of one server."""

    def __init__(
        self,
        db: Database,
        clock_ms: Callable[[], int],
        entropy: Entropy,
        hosted: HostedList,
        authority: Authority | None = None,
    ) -> None:
        """Keep them in a database.

        Args:
            db: the server's database.
            clock_ms: Unix time.
            entropy: gives n random bytes.
            hosted: the signed list of members.
            authority: gives devices that were revoked no more quotas.
        """
        self._db = db
        self._clock_ms = clock_ms
        self._entropy = entropy
        self._authority = authority
        self._hosted = hosted

    def invite(self, caller: Caller, asked: CreateInvite) -> Invite:
        """Make an invite, for one device unless more were asked for.

        Raises:
            ProblemRaised: `role` unless the caller is an owner; `busy` at too many open ones.
        """
        caller.needs("owner")
        now_ms = self._clock_ms()
        expires_at_ms = now_ms + asked.expires_in_s * 1000
        secret = new_secret(self._entropy)
        with self._db.write() as conn:
            if (
                member_rows.count_open_invites(conn, caller.space, now_ms)
                >= limits.INVITES_OPEN_MAX
            ):
                raise refuse(
                    "busy",
                    f"The space has {limits.INVITES_OPEN_MAX} unused invites; use those, "
                    "or wait until some expire.",
                )
            member_rows.add_invite(
                conn,
                InviteRow(
                    hash_of(secret),
                    caller.space,
                    asked.role,
                    expires_at_ms,
                    None,
                    caller.replica,
                    asked.uses,
                ),
            )
        return Invite(secret, expires_at_ms)

    def devices(self, caller: Caller) -> Devices:
        """List the devices of the space; any member may."""
        with self._db.read() as conn:
            rows = member_rows.tokens_of(conn, caller.space)
            return Devices([_device(row, listed_as(conn, row)) for row in rows])

    def revoke(self, caller: Caller, asked: RevokeDevice) -> Revoked:
        """Close the door to a device; saying it twice changes nothing.

        Raises:
            ProblemRaised: `role`, `unknown-device`, `last-owner`.
        """
        caller.needs("owner")
        with self._db.write() as conn:
            _check_owner_left(conn, caller.space, asked.id)
            now_ms = self._clock_ms()
            member_rows.revoke_tokens(conn, caller.space, asked.id, now_ms)
            receipts.note_gone(conn, caller.space, asked.id, now_ms)
            self._hosted.revoked(conn, caller.space, asked.id, now_ms)
            if self._authority is not None:
                self._authority.shut_out(conn, caller.space, asked.id)
        return Revoked(asked.id)

    def change_role(self, caller: Caller, asked: ChangeRole) -> RoleChanged:
        """Let a device do more or less; what it wrote stays. Saying it twice changes nothing.

        Raises:
            ProblemRaised: `role`, `unknown-device`, `last-owner`.
        """
        caller.needs("owner")
        with self._db.write() as conn:
            inside = [
                listed
                for row in member_rows.tokens_of_replica(conn, caller.space, asked.id)
                if (listed := listed_as(conn, row)) is not None
            ]
            if not inside:
                raise _unknown_device()
            (device,) = inside  # a replica has one token that isn't revoked
            if device.role != asked.role:
                if asked.role != "owner":
                    _check_owner_left(conn, caller.space, asked.id)
                member_rows.set_role(conn, caller.space, asked.id, asked.role)
                self._hosted.admitted(conn, replace(device, role=asked.role), self._clock_ms())
        return RoleChanged(asked.id, asked.role)


def _check_owner_left(conn: sqlite3.Connection, space: str, replica: str) -> None:
    """Refuse to take a device's rights away if it is unknown, or no other is an owner."""
    rows = member_rows.tokens_of(conn, space)
    if not any(row.replica == replica for row in rows):
        raise _unknown_device()
    others = [listed_as(conn, row) for row in rows if row.replica != replica]
    if not any(other is not None and other.role == "owner" for other in others):
        raise refuse(
            "last-owner", "This device is the space's only owner; invite another owner first."
        )


def _unknown_device() -> ProblemRaised:
    return refuse("unknown-device", "The space has no such device; list its devices first.")


def _device(row: TokenRow, listed: TokenRow | None) -> Device:
    return Device(
        id=row.replica,
        person=row.person,
        device=row.device,
        role=row.role if listed is None else listed.role,
        created_at_ms=row.created_at_ms,
        last_seen_at_ms=row.last_seen_at_ms,
        revoked=listed is None,
    )
