"""What the sync engine needs of a replica to ask the authorities of its spaces.

Loaded when it is first asked, not with the replica: adding a task needs none of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from store.commands.receiving_acts import ask_for_the_last, believe, return_to
from store.domain.ids import SpaceId
from store.domain.measures import names
from store.replica.core import ReplicaCore

if TYPE_CHECKING:
    from store.domain.ledger import commands as c
    from store.ledger.outbox import Intent
    from store.ledger.standing import LedgerAt

MOVED = "version-moved"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an authority said to a command.

    Attributes:
        key: of the command.
        ok: it took effect.
        type, detail: why not.
        version: of the item, where it has moved.
        generation, n: the act up to which the ledger is to be read for the result to show.
    """

    key: str
    ok: bool
    type: str = ""
    detail: str = ""
    version: int = 0
    generation: bytes = b""
    n: int = 0


class AuthoritySide(ReplicaCore):
    """The outbox as the sync engine works on it. Everything is durable when it returns."""

    def believe_authority(self, space: SpaceId, key: bytes) -> bool:
        """Believe whoever signs with a key about a space's supplies and money, from now on.

        Returns:
            Whether the key is new here.

        Raises:
            LedgerKeyChanged: another key is believed already; it is kept.
        """
        from store.ledger.standing import ledger_at

        with self.db.read() as conn:
            at = ledger_at(conn, space)
        if at is not None and at.key == key:
            return False
        with self.act("sync") as act:
            return believe(act, space, key)

    def ask_for_the_last_acts(self, space: SpaceId, peer: str) -> bool:
        """Read the log of an authority's server anew, as the last of its acts did not come.

        Returns:
            Whether to; False where that was in vain within the hour.
        """
        with self.act("sync") as act:
            return ask_for_the_last(act, space, peer)

    def stand_in(self, space: SpaceId, generation: bytes, peer: str) -> bool:
        """Stand where a space's authority says that it stands, if that generation was left here.

        Returns:
            Whether it was; then the authority's log is to be read again.
        """
        from store.ledger.standing import ledger_at
        from store.log.entries import entry_hash

        with self.db.read() as conn:
            at = ledger_at(conn, space)
            was_left = (
                at is not None
                and at.n > 0
                and at.generation != generation
                and entry_hash(conn, space, generation, 1) is not None
            )
        if was_left:
            with self.act("sync") as act:
                return_to(act, space, generation, peer)
        return was_left

    def next_commands(self, space: SpaceId, commands_max: int) -> "list[Intent]":
        """Take what is to be sent next, and note first that it may arrive."""
        from store.ledger import outbox

        with self.db.read() as conn:
            if not outbox.waiting(conn, space):
                return []
        with self._lock, self.db.write() as conn:
            return outbox.next_to_send(conn, space, commands_max)

    def learn(
        self,
        space: SpaceId,
        batch: "Sequence[Intent]",
        answers: Sequence[Answer],
        generation: bytes = b"",
    ) -> None:
        """Keep what an authority said to commands; what it says of others is passed over.

        `generation` is where the authority stands now.
        """
        from store.ledger import outbox
        from store.ledger.standing import ledger_at

        asked = {one.key for one in batch}
        with self.act("sync") as act:
            at = ledger_at(act.conn, space)
            act.ledgers.add(space)
            for answer in answers:
                # As it stands now: the person may have taken it back while it was under way.
                intent = outbox.with_key(act.conn, answer.key) if answer.key in asked else None
                if intent is None:
                    continue
                key = act.new_key()
                again = _asked_anew(intent, answer)
                if answer.ok and _is_shown(answer, at, generation):
                    outbox.settle(act.conn, [answer.key], act.new_key, act.stamp.at_ms)
                elif answer.ok:
                    outbox.accepted(act.conn, intent.key, key, act.stamp.at_ms)
                elif again is not None:
                    act.samples.count(names.RETRIES, MOVED)
                    outbox.ask_anew(act.conn, intent, again, key)
                else:
                    outbox.refused(act.conn, intent.key, answer.type, answer.detail)

    def say_why_waiting(self, space: SpaceId, why: str) -> None:
        """Say why what waits is not sent."""
        from store.ledger import outbox

        with self.act("sync") as act:
            act.ledgers.add(space)
            outbox.say_why_waiting(act.conn, space, why)

    def give_up_unanswered(self, space: SpaceId) -> None:
        """Refuse what only a server that answers could decide, as it did not answer."""
        from store.ledger import outbox

        with self.db.read() as conn:
            if not outbox.waiting(conn, space):
                return
        with self.act("sync") as act:
            if outbox.give_up_unanswered(act.conn, space):
                act.ledgers.add(space)


def _is_shown(answer: Answer, at: "LedgerAt | None", generation: bytes) -> bool:
    """Whether what a command did is here already, so that no act will come that says so.

    A generation that is over has gone into the beginning of the one after it.
    """
    if at is None or at.generation != generation:
        return False
    return answer.generation != generation or answer.n <= at.n


def _asked_anew(intent: "Intent", answer: Answer) -> "c.Reserve | None":
    """A compare and set that lost against somebody faster, with what the authority has now."""
    from store.domain.ledger import commands as c
    from store.domain.ledger.policies import CAS_TRIES_MAX

    command = intent.command
    is_slow = answer.type == MOVED and intent.tries < CAS_TRIES_MAX and intent.state == "waiting"
    if not is_slow or not isinstance(command, c.Reserve):
        return None
    return replace(command, version=answer.version)
