"""Somebody with a home, as a process: acts, and syncs after each act as well as the network lets.

`python -m tests.proxied.person HOME SEED ACTS`: writes one line of JSON, the hashes of all changes
that it was told are saved.
"""

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path
from random import Random

from store.commands.patches import NewTask, Patch
from store.domain.errors import DomainError
from store.domain.ids import DocId, SpaceId
from store.replica import Replica
from sync.client.engine import Engine
from sync.transport.http import HttpTransport

PATIENCE_S = 1.0


def act(replica: Replica, space: SpaceId, rng: Random, title: str) -> None:
    """Do something."""
    docs = [DocId(row.id) for row in replica.tasks(space=space)]
    if not docs or rng.random() < 0.4:
        replica.add_task(NewTask(title, body="Line.\n" * rng.randint(0, 200)), space=space)
        return
    doc = docs[int(rng.random() ** 2 * len(docs))]
    match rng.randrange(3):
        case 0:
            replica.edit(doc, Patch(fields={"title": title}))
        case 1:
            replica.transition(doc, rng.choice(("start", "block", "done")))
        case _:
            text, base = replica.text(doc)
            replica.save_draft(doc, f"{title}\n{text}", base)
            replica.flush_drafts()


async def live(replica: Replica, rng: Random, acts: int) -> None:
    """Act and sync."""
    space = SpaceId(replica.space("Hut").id)
    engine = Engine(replica, HttpTransport, rng=rng, timeout_s=PATIENCE_S)
    for number in range(acts):
        with suppress(DomainError):  # a task that is done can't be blocked: that is fine
            act(replica, space, rng, f"added {number} {rng.randrange(1 << 30)}")
        await engine.sync_until_quiet(space, timeout_s=PATIENCE_S)
    await engine.aclose()


def main(home: Path, seed: str, acts: int) -> None:
    """Live, then say what was saved."""
    with Replica.open(home) as replica:
        asyncio.run(live(replica, Random(f"person {seed}"), acts))
        with replica.db.read() as conn:
            rows = conn.execute("SELECT hash FROM log WHERE origin IS NULL AND type = 'change'")
            saved = [row[0].hex() for row in rows]
    print(json.dumps(saved))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
