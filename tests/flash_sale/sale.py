"""One sale: prepares a server and the devices' homes, lets all sell at once, and adds it up."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from store.database.connection import Database
from store.database.roles import SERVER
from store.domain.ids import SpaceId
from store.domain.ledger.ids import stock_account
from store.domain.ledger.policies import Policy, PolicyName
from store.ledger.books import SqlBooks
from store.replica import Replica
from sync.client.engine import Engine
from sync.client.membership import Membership
from sync.transport.http import HttpTransport
from tests.benchmarks.measuring import percentile
from tests.flash_sale.device import ITEM
from tests.support.desk import check_books
from tests.support.server import RunningServer, running_server

UNITS: Final = 100
OVERSELL_PERCENT: Final = 5
HOLD_MS: Final = 15_000  # so that what nobody confirms is for sale again before all is over
SETTLE_MS: Final = 1_000
SOLD_S_MAX: Final = 170.0
SETTLED_S_MAX: Final = 30.0


@dataclass(frozen=True)
class Outcome:
    """What a sale came to. Counts of buyers but for `retries`; times in ms.

    Attributes:
        sold: hold a unit for good in the end.
        refused: were told no, by their device or the server.
        ended: held one that they did not confirm in time.
        compensated: had a yes that had to be taken back.
        retries: batches sent again, and compare-and-set commands asked anew.
        p50_ms, p95_ms: from asking to an answer that stands.
        offline: share of the buyers whose answer their device gave alone.
        oversold: most that was given away beyond the stock at any time.
    """

    policy: str
    buyers: int
    sold: int
    refused: int
    ended: int
    compensated: int
    retries: int
    p50_ms: float
    p95_ms: float
    offline: float
    oversold: int
    seconds: float


def policy_of(name: PolicyName) -> Policy:
    """The policy as it is sold under."""
    return Policy(
        name,
        hold_ms=HOLD_MS,
        oversell_percent=OVERSELL_PERCENT,
        settle_after_ms=SETTLE_MS,
    )


def hold_sale(
    name: PolicyName, folder: Path, *, devices: int, buyers: int, seed: int, units: int = UNITS
) -> Outcome:
    """Sell units to so many buyers on each of so many devices.

    Raises:
        AssertionError: the books do not add up, or the policy's promise does not hold.
    """
    with running_server(folder) as server:
        space, homes = asyncio.run(_prepared(server, folder, name, devices, units))
        began = time.monotonic()
        told = _sold(homes, space, buyers, seed)
        seconds = time.monotonic() - began
        with closing(Database(server.data / "server.db", SERVER)) as db:
            _wait_until_settled(db, space)
            outcome = _added_up(db, space, name, told, seconds)
    check(outcome, units)
    return outcome


async def _prepared(
    server: RunningServer, folder: Path, name: PolicyName, devices: int, units: int
) -> tuple[str, list[Path]]:
    """Make a space with the item, and a home for each device that knows of it."""
    homes = [folder / f"home-{number}" for number in range(devices)]
    with Replica.open(folder / "owner") as owner:
        owner.set_identity("Owner", "till")
        hosting = Membership(owner, HttpTransport)
        row = await hosting.create_space("Sale", server.url, server.setup_code)
        owner.add_item(ITEM, units, policy_of(name))
        await _synced(owner, row.id)
        link = (await hosting.invite(row.id, uses=devices)).link
    for number, home in enumerate(homes):
        with Replica.open(home) as replica:
            replica.set_identity(f"Seller {number}", f"till {number}")
            await Membership(replica, HttpTransport).join(link)
            await _synced(replica, row.id)
            if name == "escrow":
                replica.take_quota(ITEM, units // devices)
                await _synced(replica, row.id)
    for home in homes:
        with Replica.open(home) as replica:
            await _synced(replica, row.id)  # by now everybody has joined
    return row.id, homes


async def _synced(replica: Replica, space: str) -> None:
    engine = Engine(replica, HttpTransport)
    result = await engine.sync_until_quiet(SpaceId(space))
    await engine.aclose()
    assert result.error is None, result.error


def _sold(homes: Sequence[Path], space: str, buyers: int, seed: int) -> list[dict[str, Any]]:
    """Run all devices at once; give what each told."""
    running = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.flash_sale.device"),
                *(str(home), space, str(seed * 1_000 + number), str(buyers)),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number, home in enumerate(homes)
    ]
    try:
        outputs = [process.communicate(timeout=SOLD_S_MAX)[0] for process in running]
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait()
    failed = [number for number, process in enumerate(running) if process.returncode != 0]
    assert not failed, f"devices {failed} failed; each has said above why"
    return [json.loads(output) for output in outputs]


def _wait_until_settled(db: Database, space: str) -> None:
    """Wait for the server's jobs: holds that run out, the excess, refunds."""
    until = time.monotonic() + SETTLED_S_MAX
    while _open_count(db, space):
        assert time.monotonic() < until, "the server does not come to an end"
        time.sleep(0.05)


def _open_count(db: Database, space: str) -> int:
    with db.read() as conn:
        (count,) = conn.execute(
            "SELECT (SELECT count(*) FROM reservation WHERE space = ?1 AND state = 'confirmed'"
            "  AND NOT is_final)"
            " + (SELECT count(*) FROM stock WHERE space = ?1 AND oversold_at_ms IS NOT NULL)"
            " + (SELECT count(*) FROM saga WHERE space = ?1"
            "  AND state IN ('running', 'compensating'))",
            (space,),
        ).fetchone()
    return int(count)


def _added_up(
    db: Database, space: str, name: PolicyName, told: Sequence[dict[str, Any]], seconds: float
) -> Outcome:
    with db.read() as conn:
        check_books(conn)
        states = dict(
            conn.execute(
                "SELECT state, count(*) FROM reservation WHERE space = ? GROUP BY state", (space,)
            ).fetchall()
        )
        item, units = conn.execute(
            "SELECT id, count FROM stock WHERE space = ?", (space,)
        ).fetchone()
        books = SqlBooks(conn, space)
        stock = books.account(stock_account(item))
        assert stock is not None
        quotas = conn.execute(
            "SELECT coalesce(sum(posted), 0) FROM account WHERE space = ? AND kind = 'lease'",
            (space,),
        ).fetchone()[0]
        moves = conn.execute(_MOVES, (stock_account(item),)).fetchall()
    buyers = [buyer for each in told for buyer in each["buyers"]]
    times = [buyer["certain_ms"] for buyer in buyers if buyer["certain_ms"] is not None]
    sold = states.get("confirmed", 0)
    assert stock.available + quotas + sold == units, "units were lost or made"
    states_told = [buyer["state"] for buyer in buyers]
    return Outcome(
        policy=name,
        buyers=len(buyers),
        sold=sold,
        refused=sum(state in ("refused", "rejected") for state in states_told),
        ended=states.get("expired", 0),
        compensated=states.get("compensated", 0),
        retries=sum(each["lost"] + each["moved"] for each in told),
        p50_ms=percentile(times, 0.5),
        p95_ms=percentile(times, 0.95),
        offline=sum(buyer["said"] in ("certain", "promised", "refused") for buyer in buyers)
        / len(buyers),
        oversold=_most_oversold(moves, item),
        seconds=seconds,
    )


_MOVES: Final = (
    "SELECT debit, amount FROM transfer WHERE ?1 IN (debit, credit)"
    " AND state IN ('posted', 'pending') ORDER BY rowid"
)


def _most_oversold(moves: Sequence[tuple[str, int]], item: str) -> int:
    """How far below zero the stock ever was, by its transfers in their order."""
    left = lowest = 0
    for debit, amount in moves:
        left += -amount if debit == stock_account(item) else amount
        lowest = min(lowest, left)
    return -lowest


def check(outcome: Outcome, units: int) -> None:
    """Compare what came of a sale with what its policy promises."""
    bound = units * OVERSELL_PERCENT // 100 if outcome.policy == "oversell" else 0
    assert outcome.sold <= units, "more was sold than there is"
    assert outcome.oversold <= bound, f"{outcome.oversold} were given away beyond the stock"
    assert outcome.buyers == outcome.sold + outcome.refused + outcome.ended + outcome.compensated
    if outcome.policy not in ("oversell", "probabilistic"):
        assert outcome.compensated == 0, "a yes was taken back"
