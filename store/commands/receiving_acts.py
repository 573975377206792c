"""Acts of the authority from elsewhere: folded in the transaction that moves the cursor.

An act that is damaged is kept as evidence and the sound ones live, as with changes. What is missing
is asked for anew from the beginning, at most once in an hour for each place: what the peer does not
have, it does not have. A hole shows by the acts behind it, the lack of the last ones by where the
authority says that it stands.
Where a peer pushes, or the acts come by a file, there is nothing to ask: the sender hears of it.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from store import log, peers
from store.commands.unit_of_work import UnitOfWork
from store.database.meta import read_meta, write_meta
from store.domain.ids import DocId, SpaceId
from store.domain.measures.windows import DAY_MS
from store.errors import LedgerDamaged
from store.log.entries import LEDGER_DOC
from store.measures.standing import there_ms

if TYPE_CHECKING:
    from store.domain.ledger.facts import Decided
    from store.ledger.record import TakenIn, Verified
    from store.ledger.standing import LedgerAt

DAMAGED: Final = "ledger-damaged"  # why an act is kept as evidence
ASK_AGAIN_MS: Final = 3_600_000


@dataclass(slots=True)
class TakenActs:
    """What became of acts.

    Attributes:
        accepted: new here.
        damaged: the bytes of those that are not the authority's; kept as evidence.
        held_up: the bytes of those that can't be taken, as acts before them are missing.
        is_unfounded: no authority's key is known, so nothing was believed.
        decided: what became of commands.
        is_forked: the authority told another story before (DECISIONS D24).
        asks_anew: acts are missing, and the cursor is to go back to the beginning for them.
        is_incomplete: they are missing although they were asked for within the hour.
    """

    accepted: int = 0
    damaged: list[bytes] = field(default_factory=list)
    held_up: list[bytes] = field(default_factory=list)
    is_unfounded: bool = False
    decided: "list[Decided]" = field(default_factory=list)
    is_forked: bool = False
    asks_anew: bool = False
    is_incomplete: bool = False


def take_in_acts(
    act: UnitOfWork,
    space: SpaceId,
    rows: Sequence[tuple[str, bytes]],
    *,
    origin: str,
    can_ask: bool,
) -> TakenActs:
    """Log and fold what an authority has decided; without its key nothing is believed, and skipped.

    Args:
        act: the act; its transaction also moves the cursor.
        space: whose ledger.
        rows: (type, bytes) in the order in which the peer has them.
        origin: the peer.
        can_ask: they were asked for by a cursor, which can go back.
    """
    if not rows:
        return TakenActs()
    # PyNaCl loads libsodium: only who takes acts in waits for it.
    from store.ledger import outbox, record
    from store.ledger.standing import ledger_at

    taken = TakenActs()
    at = ledger_at(act.conn, space)
    if at is None:
        taken.is_unfounded = True
        return taken
    sound, damaged = _sorted_out(at.key, space, rows)
    for raw in damaged:
        _keep_as_evidence(act, space, raw, origin)
    now_ms = act.stamp.at_ms
    found = record.take_verified(
        act.conn,
        space,
        sound,
        act.log_of(space),
        origin=origin,
        # A device that joins takes in years at once: those are no news of today.
        count_since_ms=round(there_ms(act.conn, now_ms)) - DAY_MS,
    )
    act.samples.add(found.samples)
    outbox.settle(act.conn, _accepted(found.decided), act.new_key, now_ms)
    _look_back(act.conn, space, at, found)
    taken.damaged, taken.held_up = damaged, found.held_up
    taken.accepted, taken.decided = found.accepted, found.decided
    taken.is_forked = found.is_forked
    if can_ask and found.held_up:
        taken.asks_anew = _asks_anew(act, space, origin)
        taken.is_incomplete = not taken.asks_anew
    return taken


def _accepted(decided: "Sequence[Decided]") -> list[str]:
    return [one.key for one in decided if one.ok]


def _look_back(
    conn: sqlite3.Connection, space: SpaceId, before: "LedgerAt", found: "TakenIn"
) -> None:
    """See whether the authority was restored meanwhile, and has lost what this device knows."""
    from store.ledger import offering, outbox
    from store.ledger.standing import ledger_at

    at = ledger_at(conn, space)
    assert at is not None, "it was there before"
    if found.is_forked:
        offering.offer_later(conn, space, at.generation, whole=True)
    if before.n and at.generation != before.generation:
        outbox.send_again(conn, space)
        offering.offer_later(conn, space, before.generation, whole=False)


def believe(act: UnitOfWork, space: SpaceId, key: bytes) -> bool:
    """Believe an authority's key; what was passed over before is asked for anew.

    Returns:
        Whether it is new here.

    Raises:
        LedgerKeyChanged: another one is believed already.
    """
    from store.ledger import standing

    is_new = standing.believe(act.conn, space, key)
    if is_new:
        for peer in peers.peers(act.conn, space):
            peers.set_pull_cursor(act.conn, peer.id, None)
    return is_new


def ask_for_the_last(act: UnitOfWork, space: SpaceId, peer: str) -> bool:
    """Read a peer's log again from its beginning, for acts at its end that did not come.

    Returns:
        Whether to; False where that was in vain within the hour.
    """
    asks_anew = _asks_anew(act, space, peer)
    if asks_anew:
        peers.set_pull_cursor(act.conn, peer, None)
    return asks_anew


def return_to(act: UnitOfWork, space: SpaceId, generation: bytes, peer: str) -> None:
    """Stand again in a generation that was left, where its authority says that it stands in it.

    A beginning that is new here can be older than it: another device had it, or an older copy of
    the authority. What came in the meantime was passed over, and is asked for anew.

    Args:
        act: the act.
        space: whose ledger.
        generation: where the authority says it stands; one that is not known here is still to come.
        peer: the authority's server, whose log is read again.
    """
    from store.ledger import outbox, refolding
    from store.ledger.standing import ledger_at

    at = ledger_at(act.conn, space)
    assert at is not None, "its authority was met"
    decided = refolding.refold(act.conn, act.conn, space, at.key, generation)
    outbox.send_again(act.conn, space)
    outbox.settle(act.conn, _accepted(decided), act.new_key, act.stamp.at_ms)
    peers.set_pull_cursor(act.conn, peer, None)
    act.ledgers.add(space)


def _sorted_out(
    key: bytes, space: SpaceId, rows: Iterable[tuple[str, bytes]]
) -> tuple[list["Verified"], list[bytes]]:
    """Tell acts that are the authority's from those that are not."""
    from store.ledger.record import verified

    sound: list[Verified] = []
    damaged: list[bytes] = []
    for type_, raw in rows:
        try:
            sound.append(verified(key, space, type_, raw))
        except LedgerDamaged:
            damaged.append(raw)
    return sound, damaged


def _keep_as_evidence(act: UnitOfWork, space: SpaceId, raw: bytes, origin: str) -> None:
    from store.ledger.codec import row_hash

    log.quarantine(
        act.conn,
        space,
        DocId(LEDGER_DOC),
        row_hash(raw),
        raw,
        DAMAGED,
        sender=origin,
        now_ms=act.stamp.at_ms,
    )


def _asks_anew(act: UnitOfWork, space: SpaceId, peer: str) -> bool:
    """Whether to ask a peer for missing acts from the beginning: now and then for each place."""
    from store.ledger.standing import ledger_at

    at = ledger_at(act.conn, space)
    assert at is not None, "a ledger that lacks acts has a key"
    place, now_ms = f"{at.generation.hex()}:{at.n}", act.stamp.at_ms
    key = f"ledger.hole.{peer}"
    before, _, asked_ms = (read_meta(act.conn, key) or "").partition("@")
    if before == place and asked_ms and 0 <= now_ms - int(asked_ms) < ASK_AGAIN_MS:
        return False
    write_meta(act.conn, key, f"{place}@{now_ms}")
    return True
