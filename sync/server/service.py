"""The protocol's answers, with no HTTP and no asyncio in them: one method per route.

Every method takes who asks and the decoded message, gives back the reply, and raises
`ProblemRaised` where the answer is no. They block (SQLite, the examining child), so `endpoint`
calls them on worker threads: those that write a log on one thread, the rest on several.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from store.clocks import system_now_ms
from store.database.connection import Database
from store.ledger.counts import saga_counts
from sync.protocol import entering, probes
from sync.protocol import messages as m
from sync.protocol.ledger import Commands, Decisions, Offered, OfferTaken
from sync.protocol.problems import ProblemRaised, refuse
from sync.protocol.version import PROTOCOL_VERSION
from sync.server import limits
from sync.server.authority import Authority
from sync.server.callers import Caller
from sync.server.compare import Compare
from sync.server.examination import Examiners
from sync.server.feed import Feed
from sync.server.health import Health
from sync.server.house import House, server_house
from sync.server.intake import Intake
from sync.server.ledgers import Ledgers
from sync.server.metrics import Metrics, Standing
from sync.server.probes import Probes
from sync.server.rates import Outgrown, Rate, Strikes
from sync.server.secrets import Entropy
from sync.server.wakeups import Wakeups

_Reply = TypeVar("_Reply", entering.Joined, entering.Invite)
_GUESSES: Final = frozenset({"setup-code", "unknown-invite", "pairing-code"})


@dataclass(frozen=True, slots=True)
class Asker:
    """Who sent a request: its token, if it has one, and where it comes from (for rates)."""

    token: str | None
    peer: str


class Service:
    """One server of spaces.

    Attributes:
        wakeups: who waits for news.
        metrics: what its operator can see.
        authority: decides about supplies and money; None = this is not their server.
    """

    def __init__(
        self,
        db: Database,
        examiners: Examiners,
        *,
        clock_ms: Callable[[], int] = system_now_ms,
        clock_s: Callable[[], float] = time.monotonic,
        entropy: Entropy = os.urandom,
        ledger_seed: bytes | None = None,
        house: House | None = None,
    ) -> None:
        """Serve the spaces of a database.

        Args:
            db: opened with the server's role; a device's home with a house of its own.
            examiners: try changes; the service closes neither.
            clock_ms: Unix time, for what people see and for the expiry of invites.
            clock_s: monotonic, for rates.
            entropy: gives n random bytes.
            ledger_seed: the secret by which it decides about supplies and money; None = it doesn't.
            house: who may enter, and who writes; None for a server's.
        """
        self.wakeups = Wakeups()
        self.authority = None
        if ledger_seed is not None:
            signing = Ledgers(ledger_seed, clock_ms, entropy)
            self.authority = Authority(db, signing, self._tell_all)
        self.metrics = Metrics(self._standing)
        self._db = db
        self._clock_ms = clock_ms
        self._probes = Probes(self.wakeups, clock_ms, self.metrics)
        house = house or server_house(db, clock_ms, entropy, self.authority)
        self._callers = house.callers
        self._members = house.members
        self._entry = house.entry
        ledgers = None if self.authority is None else self.authority.ledgers
        self._feed = Feed(db, clock_ms, self.wakeups.tell_soon, ledgers, house.book)
        self._compare = Compare(db)
        strikes = Strikes(clock_s)
        self._intake = Intake(
            db,
            house.shelf,
            examiners,
            strikes,
            Outgrown(clock_s),
            clock_ms,
            self._tell,
            self.metrics,
        )
        self._health = Health(db, clock_s)
        self._requests = Rate(limits.REQUESTS_PER_S, limits.REQUESTS_BURST, clock_s)
        self._guesses = Rate(limits.WRONG_SECRETS_PER_S, limits.WRONG_SECRETS_BURST, clock_s)

    # -- for the endpoint --------------------------------------------------------------------------

    def setup_code(self) -> str | None:
        """The code for the first space; None once its owner has come in."""
        return self._entry.setup_code()

    def check_rate(self, asker: Asker) -> None:
        """Refuse with `slow-down` who asks too often. Cheap: no disk."""
        wait_s = self._requests.take(asker.token or asker.peer)
        if wait_s > 0:
            raise refuse(
                "slow-down",
                "This device asks more often than the server allows; wait a moment.",
                retry_after_s=wait_s,
            )

    def check_known(self, asker: Asker) -> None:
        """Refuse who has no valid token, before a large body is read."""
        self._callers.known(asker.token)

    # -- entering ----------------------------------------------------------------------------------

    def health(self, _asker: Asker, _query: m.NoQuery) -> m.Health:
        """Say that the server answers, and that its database takes writes."""
        self.wakeups.check_running()
        self._health.check()
        return m.Health(ok=True, protocol=PROTOCOL_VERSION)

    def create_space(self, asker: Asker, asked: entering.CreateSpace) -> entering.Joined:
        """Host a space; see `Entry.create_space`."""
        owner = None if asker.token is None else self._callers.known(asker.token)
        joined = self._guarded(asker, lambda: self._entry.create_space(asked, owner))
        return self._with_key(joined)

    def join(self, asker: Asker, asked: entering.Join) -> entering.Joined:
        """Use an invite; see `Entry.join`."""
        joined = self._with_key(self._guarded(asker, lambda: self._entry.join(asked)))
        self.wakeups.tell(joined.space, origin=joined.replica)  # the list has one more
        return joined

    def rekey(self, asker: Asker, asked: entering.RekeyDevice) -> entering.Joined:
        """Take a new replica id; see `Entry.rekey`."""
        return self._with_key(self._entry.rekey(self._caller(asker, asked.space), asked))

    # -- members -----------------------------------------------------------------------------------

    def invite(self, asker: Asker, asked: entering.CreateInvite) -> entering.Invite:
        """Make an invite; see `Members.invite`."""
        return self._with_key(self._members.invite(self._caller(asker, asked.space), asked))

    def devices(self, asker: Asker, query: m.SpaceQuery) -> entering.Devices:
        """List devices; see `Members.devices`."""
        return self._members.devices(self._caller(asker, query.space))

    def revoke(self, asker: Asker, asked: entering.RevokeDevice) -> entering.Revoked:
        """Revoke a device; see `Members.revoke`. Its long polls end at once."""
        revoked = self._members.revoke(self._caller(asker, asked.space), asked)
        self.wakeups.dismiss(asked.space, revoked.id)
        self._tell_all(asked.space)  # the list says so, and quotas were shut
        return revoked

    def change_role(self, asker: Asker, asked: entering.ChangeRole) -> entering.RoleChanged:
        """Give a device another role; see `Members.change_role`."""
        changed = self._members.change_role(self._caller(asker, asked.space), asked)
        self._tell_all(asked.space)  # the list says so
        return changed

    # -- rounds ------------------------------------------------------------------------------------

    def hello(self, asker: Asker, query: m.SpaceQuery) -> m.Hello:
        """Begin a round; see `Feed.hello`."""
        return self._feed.hello(self._caller(asker, query.space))

    def push(self, asker: Asker, push: m.Push) -> m.PushReply:
        """Take in changes; see `Intake.push`. From one thread only."""
        return self._intake.push(self._caller(asker, push.space), push)

    def pull(self, asker: Asker, query: m.PullQuery) -> m.Pulled:
        """Give changes; see `Feed.pull`."""
        caller = self._caller(asker, query.space)
        self._probes.confirm(caller, query.probes)
        page = self._feed.pull(caller, query)
        return msgspec.structs.replace(page, probes=self._probes.beyond(caller, query.probes))

    def heads(self, asker: Asker, asked: m.Ranges) -> m.Differences:
        """Compare; see `Compare.heads`."""
        return self._compare.heads(self._caller(asker, asked.space), asked)

    def changes(self, asker: Asker, wanted: m.Wanted) -> m.Pulled:
        """Give what is beyond some heads; see `Compare.changes`."""
        return self._compare.changes(self._caller(asker, wanted.space), wanted)

    def hint(self, asker: Asker, query: m.WaitQuery) -> m.Hint:
        """Tell whether there is news, without waiting; see `Feed.hint`."""
        caller = self._caller(asker, query.space)
        self._probes.confirm(caller, query.probes)
        hint = self._feed.hint(caller, query)
        if hint.news or not query.probes or not self._probes.beyond(caller, query.probes):
            return hint
        return msgspec.structs.replace(hint, news=True)

    def send_probe(self, asker: Asker, asked: probes.SendProbe) -> probes.ProbeSent:
        """Write a device's probe; see `Probes.send`. It says along what the device has seen."""
        sent = self._probes.send(self._caller(asker, asked.space), asked.at_ms)
        self.metrics.heard(asked.seen)
        return sent

    def probe_outcome(self, asker: Asker, query: probes.ProbeQuery) -> probes.ProbeOutcome:
        """Say whom a probe has reached; see `Probes.outcome`."""
        return self._probes.outcome(self._caller(asker, query.space), query.stamp)

    # -- the ledger --------------------------------------------------------------------------------

    def commands(self, asker: Asker, asked: Commands) -> Decisions:
        """Decide commands; see `Authority.decide`."""
        return self._deciding().decide(self._caller(asker, asked.space), asked)

    def offer(self, asker: Asker, offered: Offered) -> OfferTaken:
        """Take back what a restore has lost; see `Restoring.offer`."""
        return self._deciding().restoring.offer(self._caller(asker, offered.space), offered)

    def replica_of(self, asker: Asker, space: str) -> str:
        """Say under which replica id somebody waits."""
        return self._caller(asker, space).replica

    def _caller(self, asker: Asker, space: str) -> Caller:
        return self._callers.of_space(asker.token, space)

    def _standing(self) -> Standing:
        wal = self._db.path.with_name(f"{self._db.path.name}-wal")
        with self._db.read() as conn:
            # The logs have no gaps, so their ends say how long they are; counting would read them.
            (rows,) = conn.execute("SELECT coalesce(sum(last_seq), 0) FROM space").fetchone()
            (quarantined,) = conn.execute("SELECT count(*) FROM quarantine").fetchone()
            sagas = None if self.authority is None else saga_counts(conn, self._clock_ms())
        return Standing(
            connected_devices=self.wakeups.connected_count(),
            log_rows=rows,
            database_bytes=self._db.path.stat().st_size,
            wal_bytes=wal.stat().st_size if wal.exists() else 0,
            quarantined=quarantined,
            sagas=sagas,
        )

    def _tell(self, space: str, origin: str) -> None:
        self.wakeups.tell(space, origin=origin)

    def _tell_all(self, space: str) -> None:
        self.wakeups.tell(space, origin=None)

    def _deciding(self) -> Authority:
        if self.authority is None:
            raise refuse(
                "no-ledger",
                "Supplies and money are decided about by the space's server, not by this device.",
            )
        return self.authority

    def _with_key(self, reply: _Reply) -> _Reply:
        if self.authority is None:
            return reply
        return msgspec.structs.replace(reply, ledger_key=self.authority.ledgers.public_key)

    def _guarded(self, asker: Asker, enter: Callable[[], entering.Joined]) -> entering.Joined:
        """Let somebody try a secret; slow down who tries wrong ones."""
        wait_s = self._guesses.wait_s(asker.peer)
        if wait_s > 0:
            raise refuse(
                "slow-down",
                "Too many wrong codes came from this address; wait before the next try.",
                retry_after_s=wait_s,
            )
        try:
            return enter()
        except ProblemRaised as no:
            if no.problem.slug in _GUESSES:
                self._guesses.take(asker.peer)
            raise
