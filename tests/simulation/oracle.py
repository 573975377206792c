"""What must hold once a world is mended. It compares what a person sees, row by row.

The program's own digest is compared as well, but it judges nothing alone: a fault in it would hide
what it is there to show.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from store import log
from store.doctor.log_check import heads_problems, log_problems
from store.documents.inspect import inspect_change
from store.domain.ids import DocId, SpaceId
from store.replica import Replica
from tests.simulation.acts import KITTY, TENTS
from tests.simulation.conflicts import misjudged
from tests.simulation.device import Device
from tests.support.people import shuffled
from tests.support.spaces import share_space

if TYPE_CHECKING:
    from tests.simulation.world import World

Seen = dict[str, object]


def faults(world: "World") -> Iterator[str]:
    """Say all that is wrong in a mended world; nothing where all is well."""
    devices = list(world.devices.values())
    first, *others = devices
    expected = seen_on(first)
    for other in others:
        yield from _differences(first, expected, other)
    yield from _lost(world, devices)
    yield from _misjudged(first)
    yield from _twice(world, first, expected)
    yield from _miscounted(world, first)
    for device in devices:
        yield from _own_faults(device, expected)
    yield from _server_faults(world, first)
    yield from newcomer_faults(world, first, expected)


def seen_on(device: Device) -> Seen:
    """All that a person can see of the space on a device, and the heads of its documents."""
    replica, space = _open(device), device.world.space
    with replica.db.read() as conn:
        docs = [
            (DocId(doc), heads)
            for doc, heads in conn.execute(
                "SELECT id, heads FROM doc WHERE space = ? AND changes > 0 ORDER BY id", (space,)
            )
        ]
        purged = {row[0] for row in conn.execute("SELECT doc FROM item WHERE purged")}
    seen: Seen = {f"heads {doc}": heads for doc, heads in docs}
    seen["purged"] = sorted(purged)
    for doc, _ in docs:
        if doc not in purged:
            seen[f"item {doc}"] = replace(replica.item(doc), sync="synced")
    for is_settled in (False, True):
        rows = replica.conflicts(settled=is_settled, space=space, remember=False)
        for row in rows:
            seen[f"conflict {row.id} settled={is_settled}"] = row
    seen["digest"] = replica.digest(space)
    if not device.world.has_money:
        return seen
    seen["kitty"] = replica.budget(KITTY, space=space)
    tents = replica.supply(TENTS, space=space)  # the rest of its row is the device's own part
    seen["tents"] = (tents.count, tents.available, tents.pending)
    return seen


def _differences(first: Device, expected: Seen, other: Device) -> Iterator[str]:
    found = seen_on(other)
    for key in sorted(expected.keys() | found.keys()):
        if expected.get(key) != found.get(key):
            yield (
                f"{first.name} and {other.name} differ in {key}:"
                f" {expected.get(key)!r} and {found.get(key)!r}"
            )
            return  # one is enough to look into, and the rest most often follows from it


def _misjudged(device: Device) -> Iterator[str]:
    """What all devices show alike may still be wrong: conflicts are worked out beside them."""
    replica, space = _open(device), device.world.space
    with replica.db.read() as conn:
        docs = [
            DocId(row[0])
            for row in conn.execute(
                "SELECT doc FROM item WHERE space = ? AND NOT purged ORDER BY doc", (space,)
            )
        ]
    rows = replica.conflicts(space=space, remember=False)
    yield from misjudged(device.name, replica, docs, rows)


def _lost(world: "World", devices: list[Device]) -> Iterator[str]:
    there = [(device.name, device.hashes()) for device in devices]
    there.append(("the server", world.server.hashes()))
    for change, what in world.saved().items():
        for name, hashes in there:
            if change not in hashes:
                yield f"{name} lacks {change.hex()[:12]}: {what}, which was told to be saved"
                return


def _twice(world: "World", first: Device, expected: Seen) -> Iterator[str]:
    """No intent took effect twice: one document for each that was added, one event for each act."""
    with first.plain_read() as conn:
        made = conn.execute(
            "SELECT doc, min(seq), count(DISTINCT hash), count(*) FROM log WHERE space = ?"
            " GROUP BY doc",
            (first.world.space,),
        ).fetchall()
        added = conn.execute(
            "SELECT title, count(*) FROM item WHERE space = ? AND title LIKE 'added %'"
            " GROUP BY title HAVING count(*) > 1",
            (first.world.space,),
        ).fetchall()
    yield from (
        f"{doc} holds a change twice" for doc, _, distinct, rows in made if distinct != rows
    )
    yield from (
        f"“{title}” is there {count} times" for title, count in added if title not in world.copied
    )
    for key, row in expected.items():
        events = getattr(row, "events", ())
        if len({event.id for event in events}) != len(events):
            yield f"{key} has an event twice"


def _miscounted(world: "World", first: Device) -> Iterator[str]:
    """Each coin that somebody put in is there once; no tent is given away twice."""
    replica = _open(first)
    if not world.has_money:
        return
    kitty = replica.budget(KITTY, space=world.space).available
    told, perhaps = 100 * (sum(world.deposits) - world.undone), 100 * world.untold
    if world.is_set_back:  # what was taken back in one copy of a home may be sent by another
        perhaps += 100 * world.undone
    if kitty > told + perhaps:
        yield f"{told} and perhaps {perhaps} cents were put in, and {kitty} are there"
    told -= 100 * world.untold_undone
    if kitty < told and not world.is_set_back:  # else a wish may have gone with a backup
        yield f"{told} cents were put in, and only {kitty} are there"
    tents = replica.supply(TENTS, space=world.space)
    if tents.available < 0:
        yield f"tents were given away twice: {tents}"


def _own_faults(device: Device, expected: Seen) -> Iterator[str]:
    """What one home says of itself: a sound log, sound rows, nothing left over."""
    replica, space = _open(device), device.world.space
    yield from (f"{device.name}: {one}" for one in replica.db.integrity_problems())
    yield from (f"{device.name}: {one}" for one in log_problems(replica.db, space))
    yield from (f"{device.name}: {one}" for one in heads_problems(replica.db, space))
    status = replica.status(space)
    if status.pending or replica.parked(space):
        yield f"{device.name} has {status.pending} pending and {replica.parked(space)} parked"
    if replica.flush_drafts():
        yield f"{device.name} has drafts left"
    with replica.db.read() as conn:
        waiting = log.waiting_docs(conn, space)
        odd = _own_in_quarantine(conn)
    if waiting:
        yield f"{device.name} has changes of {waiting} that wait for others"
    if odd:
        yield f"{device.name} has put {odd} of its own or another's good changes into quarantine"
    replica.rebuild()
    if seen_on(device) != expected:
        yield f"{device.name} shows something else after its rows were derived anew"


def _own_in_quarantine(conn: sqlite3.Connection) -> list[str]:
    """Good changes (their bytes are what their hash says) that stand in quarantine and the log."""
    rows = conn.execute(
        "SELECT q.hash, q.bytes, q.reason FROM quarantine q JOIN log ON log.hash = q.hash"
        " AND log.type = 'change'"
    )
    return [f"{one.hex()[:12]} ({reason})" for one, raw, reason in rows if _is_good(one, raw)]


def _is_good(change: bytes, raw: bytes) -> bool:
    try:
        return inspect_change(raw).hash == change
    except ValueError:
        return False


def _server_faults(world: "World", first: Device) -> Iterator[str]:
    db, space = world.server.db, world.space
    yield from (f"server: {one}" for one in db.integrity_problems())
    yield from (f"server: {one}" for one in log_problems(db, space))
    yield from (f"server: {one}" for one in heads_problems(db, space))
    query = "SELECT id, heads FROM doc WHERE space = ? AND changes > 0 ORDER BY id"
    with db.read() as conn:
        there = conn.execute(query, (space,)).fetchall()
    with first.plain_read() as conn:
        here = conn.execute(query, (space,)).fetchall()
    if there != here:
        yield "the server has other heads than the devices"


def newcomer_faults(world: "World", first: Device, expected: Seen) -> Iterator[str]:
    """Everything at once, shuffled and partly twice, shows what step by step has shown."""
    home = Path(world.folder) / "newcomer"
    with first.plain_read() as conn:
        rows = log.rows_after(conn, world.space, 0, rows_max=1_000_000, bytes_max=1 << 40)
    changes = [
        (row.doc, inspect_change(row.bytes))
        for row in rows
        if row.bytes is not None and row.type == "change"
    ]
    with Replica.open(home, entropy=world.new_rng().randbytes) as newcomer:
        share_space(newcomer, SpaceId(world.space), "Hut")
        newcomer.apply_remote(world.space, shuffled(changes, world.seed), origin="everybody")
        if newcomer.digest(world.space) != expected["digest"]:
            yield "a newcomer who gets everything at once sees something else"


def _open(device: Device) -> Replica:
    assert device.replica is not None
    return device.replica
