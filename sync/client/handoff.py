"""Syncing beside a running engine (DECISIONS D14): ask it for rounds, and wait for the outcome.

    sync.asked      how many rounds were asked for, by anybody
    sync.answered   the last of them that was answered, and how it went

Both are `meta` rows, so that asking is durable and the engine notices it as any other process's
write. Whoever waits also tries for the engine's lock: if the engine ends, the one who asked syncs.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from store import peers
from store.database.meta import read_meta, write_meta
from store.domain.ids import SpaceId
from sync import errors
from sync.client.engine import Engine
from sync.client.lock import EngineLock
from sync.client.results import SyncResult
from sync.client.retry import Sleep
from sync.client.server_side import ANSWER_S_MAX
from sync.errors import Busy, SyncError

if TYPE_CHECKING:
    from store.replica import Replica

ASKED: Final = "sync.asked"
ANSWERED: Final = "sync.answered"
LOOK_EVERY_S: Final = 0.05
# Beyond the time without an answer that the engine itself allows a server.
GRACE_S: Final = 5.0


async def sync_home(
    replica: "Replica",
    engine: Engine,
    space: SpaceId | None = None,
    *,
    timeout_s: float = ANSWER_S_MAX,
    clock: Callable[[], float] = time.monotonic,
    sleep: Sleep = asyncio.sleep,
) -> SyncResult:
    """Sync until quiet: here, or by the engine that another process runs for this home.

    Args:
        replica: the home.
        engine: used if no other process has one running.
        space: which space; None = all. An engine elsewhere syncs all, whatever was asked for.
        timeout_s: when to give up a server that doesn't answer.
        clock: seconds that only grow.
        sleep: waits.

    Returns:
        How it went; `error` says what stopped it.
    """
    lock = EngineLock(replica.home)
    number, seen, since = None, None, clock()
    while True:
        if lock.acquire():
            with lock:
                await asyncio.to_thread(forget_broken_rounds, replica)
                return await engine.sync_until_quiet(space, timeout_s=timeout_s)
        if number is None:
            number = await asyncio.to_thread(ask, replica)
        answer, now_seen = await asyncio.to_thread(_look, replica, number)
        if answer is not None:
            return answer
        if now_seen != seen:
            seen, since = now_seen, clock()
        if clock() - since > timeout_s + GRACE_S:
            return await asyncio.to_thread(_unanswered, replica)
        await sleep(LOOK_EVERY_S)


def ask(replica: "Replica") -> int:
    """Ask the engine of this home for rounds until quiet; gives the number of the request."""
    with replica.db.write() as conn:
        number = int(read_meta(conn, ASKED) or 0) + 1
        write_meta(conn, ASKED, str(number))
    return number


def open_request(replica: "Replica") -> int | None:
    """Give the number of the last request that wasn't answered yet."""
    with replica.db.read() as conn:
        asked = int(read_meta(conn, ASKED) or 0)
        answered, _ = _read_answer(read_meta(conn, ANSWERED))
    return asked if asked > answered else None


def answer(replica: "Replica", number: int, result: SyncResult) -> None:
    """Tell whoever asked up to this number how it went."""
    fields = asdict(result)
    fields["error"] = _write_error(result.error)
    with replica.db.write() as conn:
        write_meta(conn, ANSWERED, json.dumps({"number": number, "result": fields}))


def forget_broken_rounds(replica: "Replica") -> None:
    """Clear the traces of rounds that a killed process left; for whoever holds the engine now."""
    with replica.db.read() as conn:
        if not any(peer.state == peers.PeerState.SYNCING for peer in peers.peers(conn)):
            return
    with replica.db.write() as conn:
        peers.clear_syncing(conn)


def _look(replica: "Replica", number: int) -> tuple[SyncResult | None, object]:
    """Look for an answer, and for anything by which the other engine shows that it is at work."""
    with replica.db.read() as conn:
        answered, result = _read_answer(read_meta(conn, ANSWERED))
        at_work = [
            (peer.id, peer.state, peer.pull_cursor, peer.push_seq, peer.last_seen_at_ms)
            for peer in peers.peers(conn)
        ]
    return (result if answered >= number else None), at_work


def _unanswered(replica: "Replica") -> SyncResult:
    status = replica.status()
    return SyncResult(
        state=status.state,
        pushed=0,
        pulled=0,
        parked=status.parked,
        conflicts=status.conflicts,
        rounds=0,
        bytes_sent=0,
        bytes_received=0,
        duration_ms=0,
        is_quiet=False,
        error=Busy("Another Cairn syncs this home and did not answer; try again later."),
    )


def _read_answer(text: str | None) -> tuple[int, SyncResult | None]:
    if text is None:
        return 0, None
    kept: dict[str, Any] = json.loads(text)
    fields: dict[str, Any] = kept["result"]
    fields["error"] = _read_error(fields["error"])
    return kept["number"], SyncResult(**fields)


def _write_error(error: SyncError | None) -> dict[str, str] | None:
    if error is None:
        return None
    kind = type(error).__name__
    return {"class": kind, "type": error.type, "title": error.title, "detail": error.detail}


def _read_error(kept: dict[str, str] | None) -> SyncError | None:
    if kept is None:
        return None
    kind = getattr(errors, kept["class"], SyncError)
    made: SyncError = kind(kept["detail"], type=kept["type"], title=kept["title"])
    return made
