"""How a device enters: it creates a space, uses an invite, or takes a new replica id.

All three hand out a token once. A reply can get lost, so each may be repeated by the same replica
with the same key until the token was used for the first time: the device gets the same token again
(another one, and the lost one dies, where the server was started anew in between).
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace

from store.database.connection import Database
from store.database.meta import read_meta
from store.domain.errors import InvalidValue
from store.domain.ids import SpaceId, parse_replica_id, parse_space_id
from store.domain.membership import Role
from store.log import create_space
from sync.protocol.entering import CreateSpace, Join, Joined, RekeyDevice
from sync.protocol.problems import refuse
from sync.server import limits, member_rows
from sync.server.callers import Caller
from sync.server.hosted_list import HostedList, proven_key
from sync.server.member_rows import TokenRow
from sync.server.secrets import Entropy, TokenMaker, hash_of, same_setup_code

SERVER_ID_KEY = "server_id"
GENERATION_BYTES = 16


@dataclass(frozen=True, slots=True)
class Entering:
    """A device on its way into a space; `key` where it proved one."""

    space: str
    replica: str
    person: str
    device: str
    key: bytes | None = None


class Entry:
    """Gives tokens to devices."""

    def __init__(
        self,
        db: Database,
        clock_ms: Callable[[], int],
        entropy: Entropy,
        setup_code: str | None,
        hosted: HostedList,
    ) -> None:
        """Guard this database.

        Args:
            db: the server's database.
            clock_ms: Unix time.
            entropy: gives n random bytes.
            setup_code: opens the server to its first owner; None once that one was here.
            hosted: the signed list of members.
        """
        self._db = db
        self._clock_ms = clock_ms
        self._entropy = entropy
        self._tokens = TokenMaker(entropy)
        self._setup_code = setup_code
        self._hosted = hosted

    def create_space(self, asked: CreateSpace, owner: TokenRow | None) -> Joined:
        """Host a space for its creator, who becomes its owner.

        Args:
            asked: the space and the device.
            owner: the device that asks, where it sent a token.

        Raises:
            ProblemRaised: `setup-code`, `role`, `space-exists`, `malformed`, `busy`.
        """
        space = _space_id(asked.space)
        check_replica(asked.replica)
        check_name(asked.name, "The space")
        check_name(asked.person, "The person")
        key = proven_key(
            asked.proof, secret=asked.setup_code or "", space=asked.space, replica=asked.replica
        )
        with self._db.write() as conn:
            self._check_may_create(conn, asked, owner)
            if member_rows.space_name(conn, space) is not None:
                lost = self._unused(conn, space, asked.replica, key)
                if lost is None:
                    raise refuse(
                        "space-exists",
                        "This server hosts that space already; ask one of its owners for an "
                        "invite.",
                    )
                return self._reissued(conn, lost)
            if member_rows.count_spaces(conn) >= limits.SPACES_MAX:
                raise refuse("busy", f"This server hosts {limits.SPACES_MAX} spaces, its limit.")
            now_ms = self._clock_ms()
            generation = self._entropy(GENERATION_BYTES)
            create_space(conn, space, asked.name, generation, now_ms, "hosted")
            entering = Entering(space, asked.replica, asked.person, asked.device, key)
            return self._admitted(conn, entering, "owner", now_ms)

    def join(self, asked: Join) -> Joined:
        """Use an invite.

        Raises:
            ProblemRaised: `unknown-invite`, `invite-used`, `invite-expired`, `already-member`,
                `malformed`, `busy`.
        """
        space = _space_id(asked.space)
        check_replica(asked.replica)
        check_name(asked.person, "The person")
        key = proven_key(asked.proof, secret=asked.secret, space=asked.space, replica=asked.replica)
        secret_hash = hash_of(asked.secret)
        now_ms = self._clock_ms()
        with self._db.write() as conn:
            invite = member_rows.invite_by_hash(conn, secret_hash)
            if invite is None or invite.space != space:
                raise refuse(
                    "unknown-invite",
                    "The server does not know this invite; copy the link whole, or ask for a new "
                    "one.",
                )
            lost = self._unused(conn, space, asked.replica, key)
            if lost is not None and lost.invite == invite.hash:
                return self._reissued(conn, lost)
            if invite.uses_left <= 0:
                raise refuse("invite-used", "This invite was used already; ask for a new one.")
            if invite.expires_at_ms <= now_ms:
                raise refuse("invite-expired", "This invite has expired; ask for a new one.")
            _check_no_member(conn, space, asked.replica)
            entering = Entering(space, asked.replica, asked.person, asked.device, key)
            joined = self._admitted(conn, entering, invite.role, now_ms, invite=invite.hash)
            member_rows.use_invite(conn, secret_hash, now_ms)
            return joined

    def rekey(self, caller: Caller, asked: RekeyDevice) -> Joined:
        """Give the asking home a new replica id and a token of its own.

        A copied home shares its token with the other copy, so the old token stays good.

        Raises:
            ProblemRaised: `already-member`, `malformed`, `busy`.
        """
        check_replica(asked.replica)
        with self._db.write() as conn:
            lost = self._unused(conn, caller.space, asked.replica, caller.key)
            if lost is not None and _is_same_device(lost, caller):
                return self._reissued(conn, lost)
            _check_no_member(conn, caller.space, asked.replica)
            entering = Entering(
                caller.space, asked.replica, caller.person, caller.device, caller.key
            )
            return self._admitted(conn, entering, caller.role, self._clock_ms())

    def setup_code(self) -> str | None:
        """The setup code, None once the server has an owner who came in."""
        if self._setup_code is not None:
            with self._db.read() as conn:
                if member_rows.any_token_seen(conn):
                    self._setup_code = None
        return self._setup_code

    def _check_may_create(
        self, conn: sqlite3.Connection, asked: CreateSpace, owner: TokenRow | None
    ) -> None:
        if owner is not None:
            if owner.role != "owner":
                raise refuse(
                    "role", "Only an owner of a space on this server can create another there."
                )
            return
        if asked.setup_code is None or self._setup_code is None:
            raise refuse(
                "setup-code",
                "To create a space here, be an owner of a space on this server already, "
                "or give the setup code that a new server prints.",
            )
        if member_rows.any_token_seen(conn):
            self._setup_code = None
            raise refuse(
                "setup-code",
                "The setup code was used up by the first space; ask one of its owners.",
            )
        if not same_setup_code(asked.setup_code, self._setup_code):
            raise refuse(
                "setup-code", "That is not this server's setup code; see what it printed at start."
            )

    def _unused(
        self, conn: sqlite3.Connection, space: str, replica: str, key: bytes | None
    ) -> TokenRow | None:
        """The token of a replica that never came in with it: its reply may have been lost.

        It is given once more to who has the same key, to nobody else who names that replica.
        """
        for row in member_rows.tokens_of_replica(conn, space, replica):
            if row.last_seen_at_ms is None and row.revoked_at_ms is None and row.key == key:
                return row
        return None

    def _admitted(
        self,
        conn: sqlite3.Connection,
        who: Entering,
        role: Role,
        now_ms: int,
        *,
        invite: bytes | None = None,
    ) -> Joined:
        if len(member_rows.tokens_of(conn, who.space)) >= limits.DEVICES_MAX:
            raise refuse("busy", f"The space has {limits.DEVICES_MAX} devices, its limit.")
        secret = self._token(conn, who.space, who.replica)
        row = TokenRow(
            hash_of(secret),
            who.space,
            who.replica,
            who.person,
            who.device,
            role,
            now_ms,
            invite=invite,
            key=who.key,
        )
        member_rows.add_token(conn, row)
        self._hosted.admitted(conn, row, now_ms)
        return self._joined(conn, row, secret)

    def _reissued(self, conn: sqlite3.Connection, row: TokenRow) -> Joined:
        secret = self._token(conn, row.space, row.replica)
        member_rows.replace_token(conn, row.hash, hash_of(secret))
        return self._joined(conn, replace(row, hash=hash_of(secret)), secret)

    def _token(self, conn: sqlite3.Connection, space: str, replica: str) -> str:
        return self._tokens.token(space, replica, member_rows.times_out(conn, space, replica))

    def _joined(self, conn: sqlite3.Connection, row: TokenRow, secret: str) -> Joined:
        return Joined(
            space=row.space,
            name=member_rows.space_name(conn, row.space) or "",
            token=secret,
            role=row.role,
            replica=row.replica,
            server_id=read_meta(conn, SERVER_ID_KEY) or "",
            list_key=self._hosted.authority(conn, row.space),
        )


def _space_id(text: str) -> SpaceId:
    try:
        return parse_space_id(text)
    except InvalidValue as error:
        raise refuse("malformed", str(error)) from error


def check_replica(text: str) -> None:
    """Refuse what is no replica id; raises ProblemRaised."""
    try:
        parse_replica_id(text)
    except InvalidValue as error:
        raise refuse("malformed", str(error)) from error


def check_name(text: str, whose: str) -> None:
    """Refuse what no person can read; raises ProblemRaised."""
    if not text.strip() or not text.isprintable():
        raise refuse("malformed", f"{whose} needs a name of printable characters.")


def _check_no_member(conn: sqlite3.Connection, space: str, replica: str) -> None:
    tokens = member_rows.tokens_of_replica(conn, space, replica)
    if any(row.revoked_at_ms is None for row in tokens):
        raise refuse(
            "already-member",
            "A device with this replica id is a member already; sync with the token it has, "
            "or join under a new replica id.",
        )


def _is_same_device(row: TokenRow, caller: Caller) -> bool:
    return (row.person, row.device, row.role) == (caller.person, caller.device, caller.role)
