"""Who asks: from a token to a device with a role in one space."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from store.database.connection import Database
from store.domain.membership import Role
from sync.protocol.problems import refuse
from sync.server import member_rows
from sync.server.member_rows import TokenRow
from sync.server.secrets import hash_of

SEEN_EVERY_MS: Final = 60_000  # "last seen" is for people: to the minute, to spare the disk


@dataclass(frozen=True, slots=True)
class Caller:
    """A device that proved itself.

    Attributes:
        space: the one space that its token opens.
        replica: the replica id that the token stands for.
        person, device: names, for display.
        role: what it may do.
        origin: how rows that came from it are marked in the log.
        key: its public key, if it proved one.
    """

    space: str
    replica: str
    person: str
    device: str
    role: Role
    origin: str
    key: bytes | None = None

    def needs(self, *roles: Role) -> None:
        """Raise the problem `role` unless the device has one of these roles."""
        if self.role not in roles:
            raise refuse(
                "role",
                f"You are {_article(self.role)} of this space; ask an owner to do this, "
                "or to give you another role.",
            )


Listed = Callable[[sqlite3.Connection, TokenRow], TokenRow]


class Callers:
    """Looks tokens up."""

    def __init__(
        self,
        db: Database,
        clock_ms: Callable[[], int],
        *,
        listed: Listed,
        origin_of: Callable[[TokenRow], str] = lambda row: row.replica,
    ) -> None:
        """Look them up in a database.

        Args:
            db: has the tokens.
            clock_ms: Unix time.
            listed: what the space's list says of a device now; raises ProblemRaised.
            origin_of: how rows that come from a device are marked.
        """
        self._db = db
        self._clock_ms = clock_ms
        self._listed = listed
        self._origin_of = origin_of

    def known(self, token: str | None) -> TokenRow:
        """Find the device of a token, whatever space it opens.

        Raises:
            ProblemRaised: `unauthorized` or `revoked`.
        """
        if token is None:
            raise refuse(
                "unauthorized", "This needs the token of a member device; join the space first."
            )
        token_hash = hash_of(token)
        with self._db.read() as conn:
            row = member_rows.token_by_hash(conn, token_hash)
            if row is not None and row.revoked_at_ms is None:
                row = self._listed(conn, row)
        if row is None:
            raise refuse(
                "unauthorized",
                "The server does not know this device's token; join again with a new invite.",
            )
        if row.revoked_at_ms is not None:
            raise refuse(
                "revoked",
                "An owner removed this device from the space; ask for a new invite to come back.",
            )
        self._note_seen(row)
        return row

    def of_space(self, token: str | None, space: str) -> Caller:
        """Find the device of a token that opens a space.

        Raises:
            ProblemRaised: `unauthorized`, `revoked`, or `unknown-space` (whether it exists or not).
        """
        row = self.known(token)
        if row.space != space:
            raise refuse(
                "unknown-space",
                "This device's token does not open the space that was asked for.",
            )
        origin = self._origin_of(row)
        return Caller(row.space, row.replica, row.person, row.device, row.role, origin, row.key)

    def _note_seen(self, row: TokenRow) -> None:
        now_ms = self._clock_ms()
        # A clock that was set back must not stop the noting.
        if row.last_seen_at_ms is None or abs(now_ms - row.last_seen_at_ms) >= SEEN_EVERY_MS:
            with self._db.write() as conn:
                member_rows.touch_token(conn, row.hash, now_ms)


def _article(role: Role) -> str:
    return "a viewer" if role == "viewer" else f"an {role}"
