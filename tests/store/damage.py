"""Homes with something in them, and ways to damage one behind Cairn's back."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store import peers
from store.commands.patches import NewTask, Patch
from store.doctor import Examination
from store.documents.binding import Doc
from store.documents.inspect import ChangeRefused, InspectedChange, inspect_change
from store.documents.schema import genesis_change, genesis_hash
from store.domain.ids import DocId, SpaceId
from store.errors import DocumentCorrupt
from store.replica import Replica
from store.rows import NoteRow, TaskRow
from tests.documents.changes import body_of, reframed
from tests.support.people import Camp, Clock
from tests.support.pushes import change

PAGE = 4096
TASKS = 60
BODY = "Anchors first.\nThen the rope, knot by knot.\n"


def furnish(replica: Replica) -> list[DocId]:
    """Put two tasks, a note, a series of edits and something in the trash into a home."""
    rope = replica.add_task(NewTask("Buy rope", due="2026-12-01", tags=("climb",), body=BODY))
    stove = replica.add_task(NewTask("Pack the stove", list="Hut"))
    map_ = replica.add_note("The map", body="North is up.\n" * 40, tags=("maps",))
    replica.edit(rope, Patch(fields={"priority": "high"}, body=BODY + "Check the length.\n"))
    replica.edit(map_, Patch(add_tags=("hut",)))
    replica.transition(stove, "done")
    replica.trash(replica.add_note("Old", body="gone"))
    return [rope, stove, map_]


def quarrel(camp: Camp) -> list[DocId]:
    """Let Alice and Bob edit apart and meet, so that their homes have rows of every kind."""
    alice, bob = camp["alice"], camp["bob"]
    alice.use_space(camp.space)
    docs = furnish(alice)
    camp.meet()
    for replica, title, state in ((alice, "Buy a rope", "start"), (bob, "Buy ropes", "cancel")):
        replica.edit(docs[0], Patch(fields={"title": title}, body=f"{title}.\n"))
        replica.transition(docs[0], state)
    camp.meet()
    alice.resolve(alice.find_conflict(camp.conflicts("alice", "field")[0].id), take=0)
    camp.meet()
    return docs


@contextmanager
def behind(home: Path) -> Iterator[sqlite3.Connection]:
    """Open a home's database as a stranger would."""
    connection = sqlite3.connect(home / "cairn.db", isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def flipped(raw: bytes, at: int = -1) -> bytes:
    """The same bytes with one bit flipped."""
    at %= len(raw)
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def furnished(path: Path) -> Path:
    """Make a home of several pages, with long texts, a draft and a server."""
    with opened(path) as replica:
        replica.set_identity("Ada", "Ada's laptop")
        _, _, map_ = furnish(replica)
        for number in range(TASKS):
            replica.add_task(NewTask(f"Task {number}", body=f"Line {number}.\n" * number))
        text, base = replica.text(map_)
        replica.save_draft(map_, text + "And east.\n", base)
        with replica.db.write() as conn:
            peers.attach_peer(
                conn,
                "hut",
                SpaceId(replica.space().id),
                url="http://hut",
                token="secret",
                role="owner",
            )
    return path


def opened(home: Path) -> Replica:
    """Open a home with real randomness, as it may be opened again."""
    return Replica.open(home, clock_ms=Clock())


def database(home: Path) -> Path:
    return home / "cairn.db"


def items(home: Path) -> dict[str, TaskRow | NoteRow]:
    """All items of a home as a person sees them, by id."""
    with opened(home) as replica:
        ids = [row.id for row in replica.tasks()]
        ids += [row.id for view in ("all", "trash") for row in replica.notes(view=view)]
        return {found: replica.item(DocId(found)) for found in ids}


def logged(home: Path) -> set[bytes]:
    """The hashes of all logged changes."""
    with behind(home) as conn:
        return {row[0] for row in conn.execute("SELECT hash FROM log")}


def root_page(home: Path, name: str) -> int:
    """The page at the top of a table or an index."""
    with behind(home) as conn:
        (page,) = conn.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)
        ).fetchone()
    return int(page)


def overwrite(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def blank(home: Path, name: str) -> None:
    """Write zeroes over the page at the top of a table or an index."""
    overwrite(database(home), (root_page(home, name) - 1) * PAGE, b"\x00" * PAGE)


def damage_change(home: Path, seq: int) -> bytes:
    """Flip a bit in the bytes of the `seq`-th logged change; gives its hash."""
    with behind(home) as conn:
        change_hash, raw = conn.execute(
            "SELECT hash, bytes FROM log WHERE type = 'change' ORDER BY seq LIMIT 1 OFFSET ?",
            (seq - 1,),
        ).fetchone()
        conn.execute("UPDATE log SET bytes = ? WHERE hash = ?", (flipped(raw), change_hash))
    return bytes(change_hash)


def failed(found: Examination) -> set[str]:
    return {check.name for check in found.checks if not check.ok}


def detail(found: Examination, name: str) -> str:
    return next(check.detail for check in found.checks if check.name == name)


def refused_by_automerge(doc: DocId) -> InspectedChange:
    """Make a change of a new document that is sound outside and that Automerge does not load."""
    body = body_of(change(doc).raw)
    for at in reversed(range(len(body))):
        try:
            made = inspect_change(reframed(flipped(body, at)))
            Doc.load([genesis_change(doc), made.raw])
        except ChangeRefused:
            continue
        except DocumentCorrupt:
            if made.deps == (genesis_hash(doc),):
                return made
    raise AssertionError("Automerge took all of them")
