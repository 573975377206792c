"""What a device does while it is killed: one transaction a step, the same bytes in every run.

As a program it does the steps on a home and writes a line on standard output after each that has
returned: that is what counts as acknowledged. Clock and randomness are its own, so that two runs
write the same, and what a killed one left can be compared with what a whole one had at that point.
"""

import hashlib
import json
import os
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from store import doctor, peers
from store.clocks import system_now_ms
from store.commands.patches import NewTask, Patch
from store.documents.inspect import inspect_change
from store.domain.ids import DocId, SpaceId, new_space_id
from store.domain.ledger.caller import Caller
from store.domain.ledger.commands import AddItem, Command
from store.domain.ledger.deciding import decide
from store.domain.ledger.facts import Decided, Fact
from store.domain.ledger.policies import Policy
from store.imports import ImportItem
from store.ledger.books import SqlBooks, snapshot
from store.ledger.codec import encode_act, encode_row
from store.ledger.command_codec import fingerprint
from store.ledger.outbox import Intent, intents
from store.ledger.signing import Signer
from store.ledger.standing import ledger_at
from store.replica import Replica
from store.replica.authority import Answer
from store.spaces import space_names
from sync.client.doorway import Doorway

TRIP: Final = "Trip"
ELSEWHERE: Final = new_space_id(b"another 16 bytes")
BOB: Final = "bob"
REMOTE: Final = "remote.json"  # beside the home: what Bob sends
TIMES_MS: Final = 1_790_100_000_000
GENERATION: Final = b"g" * 16
SEAT: Final = "i" + "a" * 26
SEED: Final = bytes(range(32))
SIGNER: Final = Signer(SEED, "any")
AUTHOR: Final = Caller("r" + "a" * 26, "Ann", "owner")


def signature(space: SpaceId, body: bytes) -> bytes:
    """The authority's, for this space."""
    return Signer(SEED, space).sign(body)


@dataclass
class Trip:
    """A home at work."""

    replica: Replica
    remote: Path

    def task(self, title: str) -> DocId:
        """Find a task by its title; where two have it, the younger one."""
        found = [row for row in self.replica.tasks() if row.title == title]
        return DocId(max(found, key=lambda row: row.created_at_ms or 0).id)

    def note(self, title: str) -> DocId:
        """Find a note by its title."""
        return DocId(next(row.id for row in self.replica.notes() if row.title == title))

    def in_trash(self) -> DocId:
        """Find something in the trash."""
        return DocId(self.replica.notes(view="trash")[0].id)

    def settle(self, *, kind: str) -> None:
        """Settle the first open conflict of a kind."""
        row = next(one for one in self.replica.conflicts(remember=False) if one.kind == kind)
        self.replica.resolve(self.replica.find_conflict(row.id), take=0)

    def reopen(self) -> None:
        """Open the first settled conflict of a field again."""
        settled = self.replica.conflicts(settled=True)
        row = next(one for one in settled if one.kind == "field")
        self.replica.unresolve(self.replica.find_conflict(row.id))

    def draft(self) -> None:
        """Save what a box says."""
        note = self.note("Hut book")
        text, base = self.replica.text(note)
        self.replica.save_draft(note, f"{text}Day two: snow.\n", base)

    def receive(self) -> None:
        """Take in what Bob sends, and move the cursor with it."""
        sent = json.loads(self.remote.read_text())
        rows = [(DocId(doc), inspect_change(bytes.fromhex(raw))) for doc, raw in sent]
        space = SpaceId(self.replica.space(TRIP).id)
        self.replica.apply_remote(space, rows, origin=BOB, cursor=(BOB, "a cursor"))

    def attach(self) -> None:
        """Remember a server, as joining does."""
        with self.replica.db.write() as conn:
            space = SpaceId(self.replica.space(TRIP).id)
            peers.attach_peer(conn, BOB, space, url="http://hut", token="secret", role="owner")

    def acknowledge(self) -> None:
        """Note how far the server has acknowledged the log, as a push does."""
        with self.replica.db.write() as conn:
            peers.set_push_seq(conn, BOB, 7)
            peers.note_synced(conn, BOB, TIMES_MS)

    # -- supplies: what the authority of the space would decide, decided by the books that are here

    @property
    def space(self) -> SpaceId:
        """The space that has a server."""
        return SpaceId(self.replica.space(TRIP).id)

    def believe(self) -> None:
        """Meet the authority for the first time."""
        self.replica.believe_authority(self.space, SIGNER.public_key)

    def hear(self, *asked: Command) -> None:
        """Take in acts that decide these commands, as a pull does."""
        acts = []
        with self.replica.db.read() as conn:
            books, at = SqlBooks(conn, self.space), ledger_at(conn, self.space)
            assert at is not None
            for number, command in enumerate(asked, start=at.n + 1):
                told = decide(books, AUTHOR, command, TIMES_MS)
                body = encode_act(GENERATION, number, TIMES_MS, told)
                acts.append(("ledger", encode_row(body, signature(self.space, body))))
        self.replica.apply_remote(self.space, [], origin=BOB, cursor=(BOB, "on"), acts=acts)

    def send(self) -> None:
        """Note that what waits is sent."""
        assert self.replica.next_commands(self.space, 50)

    def undecided(self) -> list[Intent]:
        """What waits for an answer."""
        with self.replica.db.read() as conn:
            return intents(conn, self.space, states=("waiting",))

    def learn(self) -> None:
        """Hear that what waits is accepted."""
        batch = self.undecided()
        self.replica.learn(self.space, batch, [Answer(one.key, True) for one in batch])

    def hear_the_answer(self) -> None:
        """Take in the act that decides what was accepted, which ends it in the outbox."""
        with self.replica.db.read() as conn:
            (one,) = intents(conn, self.space, states=("accepted",))
            books, at = SqlBooks(conn, self.space), ledger_at(conn, self.space)
            assert at is not None
            told: list[Fact] = decide(books, AUTHOR, one.command, TIMES_MS)
            told.append(
                Decided(one.key, fingerprint(one.command), AUTHOR.replica, True, one.subject)
            )
            body = encode_act(GENERATION, at.n + 1, TIMES_MS, told)
        acts = [("ledger", encode_row(body, signature(self.space, body)))]
        self.replica.apply_remote(self.space, [], origin=BOB, cursor=(BOB, "end"), acts=acts)

    def reserve(self, count: int) -> None:
        """Ask for seats."""
        self.replica.reserve("Seat", count, space=TRIP)

    def give_back(self) -> None:
        """Give back what was reserved last."""
        self.replica.release(self.replica.reservations(space=TRIP)[-1].id)

    def refuse(self) -> None:
        """Hear that what waits is refused."""
        batch = self.undecided()
        answers = [Answer(one.key, False, "insufficient", "None is left.") for one in batch]
        self.replica.learn(self.space, batch, answers)

    def see(self) -> None:
        """See a notice."""
        self.replica.note_seen(self.replica.notices()[0].id)

    def begin_a_space(self) -> None:
        """Begin a space of this device."""
        Doorway(self.replica, system_now_ms, os.urandom).create_local(ELSEWHERE, "Elsewhere")


Step = Callable[[Trip], object]

# Only longer: how two texts differ in many places is worked out against a clock.
_LONG: Final = "Day one: rain, wind.\n" + "".join(
    f"{number}: the wind turns, the stove is on.\n" for number in range(600)
)
_IMPORTED: Final = [
    ImportItem("note", f"vault/{n}.md", hashlib.sha256(bytes([n])).digest(), f"Page {n}", "x" * n)
    for n in range(8)
]

STEPS: Final[Sequence[tuple[str, Step]]] = (
    ("name", lambda t: t.replica.set_identity(device="the old laptop")),
    ("add", lambda t: t.replica.add_task(NewTask("Wax the skis", due="2026-12-01", tags=("ski",)))),
    ("subtask", lambda t: t.replica.add_task(NewTask("Buy wax", parent=t.task("Wax the skis")))),
    ("edit", lambda t: t.replica.edit(t.task("Buy wax"), Patch(fields={"priority": "high"}))),
    ("tags", lambda t: t.replica.edit(t.task("Buy wax"), Patch(add_tags=("shop", "ski")))),
    ("clear", lambda t: t.replica.edit(t.task("Wax the skis"), Patch(fields={"due": None}))),
    ("note", lambda t: t.replica.add_note("Hut book", body="Day one: rain.\n")),
    ("text", lambda t: t.replica.edit(t.note("Hut book"), Patch(body="Day one: rain, wind.\n"))),
    ("long text", lambda t: t.replica.edit(t.note("Hut book"), Patch(body=_LONG))),
    ("start", lambda t: t.replica.transition(t.task("Buy wax"), "start")),
    ("undo", lambda t: t.replica.undo()),
    ("redo", lambda t: t.replica.redo()),
    ("series", lambda t: t.replica.add_task(NewTask("Air", due="2026-12-01", repeat="FREQ=DAILY"))),
    ("next of series", lambda t: t.replica.transition(t.task("Air"), "done")),
    ("draft", lambda t: t.draft()),
    ("draft to change", lambda t: t.replica.flush_drafts()),
    ("list conflicts", lambda t: t.replica.conflicts()),
    ("settle a field", lambda t: t.settle(kind="field")),
    ("open it again", lambda t: t.reopen()),
    ("settle a lifecycle", lambda t: t.settle(kind="lifecycle")),
    ("join", lambda t: t.attach()),
    ("receive", lambda t: t.receive()),
    ("acknowledged", lambda t: t.acknowledge()),
    ("meet the authority", lambda t: t.believe()),
    ("supplies", lambda t: t.hear(AddItem(SEAT, "Seat", 4, Policy("oversell")))),
    ("reserve", lambda t: t.reserve(2)),
    ("send", lambda t: t.send()),
    ("accepted", lambda t: t.learn()),
    ("decided", lambda t: t.hear_the_answer()),
    ("budget", lambda t: t.replica.add_budget("Food", "EUR", space=TRIP)),
    ("deposit", lambda t: t.replica.deposit("Food", "25", space=TRIP)),
    ("release", lambda t: t.give_back()),
    ("send all", lambda t: t.send()),
    ("refused", lambda t: t.refuse()),
    ("seen", lambda t: t.see()),
    ("trash", lambda t: t.replica.trash(t.note("Hut book"))),
    ("restore", lambda t: t.replica.restore(t.in_trash())),
    ("import", lambda t: t.replica.import_items(None, _IMPORTED)),
    ("space", lambda t: t.begin_a_space()),
    ("move", lambda t: t.replica.move(t.note("Page 3"), "Elsewhere")),
    ("trash again", lambda t: t.replica.trash(t.note("Page 4"))),
    ("purge", lambda t: t.replica.purge_trash()),
    ("repair", lambda t: doctor.repair(t.replica)),
)


# On a new home there is nobody yet to be in conflict with.
ALONE: Final = STEPS[: [name for name, _ in STEPS].index("list conflicts")]


def steps_of(has_home: bool) -> Sequence[tuple[str, Step]]:
    """Give the steps of a run on a home in use, or on a new one."""
    return STEPS if has_home else ALONE


def state_of(replica: Replica) -> dict[str, Any]:
    """Say all that a home holds: changes, what people see, and what only this device knows."""
    with replica.db.read() as conn:
        changes = conn.execute("SELECT space, hash FROM log ORDER BY space, seq").fetchall()
        drafts = conn.execute("SELECT doc, text FROM draft ORDER BY doc").fetchall()
        cursors = conn.execute("SELECT id, pull_cursor, push_seq, token FROM peer").fetchall()
        shown = conn.execute("SELECT id, listed FROM conflict ORDER BY id").fetchall()
        acts = conn.execute("SELECT id, label, state FROM act ORDER BY id").fetchall()
        asked = conn.execute("SELECT key, kind, subject, state, sent FROM outbox ORDER BY id")
        wishes = asked.fetchall()
        books = [repr(fact) for space in space_names(conn) for fact in snapshot(conn, space)]
    said = {
        "identity": [replica.identity.person, replica.identity.device, replica.identity.replica_id],
        "changes": [[space, change.hex()] for space, change in changes],
        "views": {row.name: replica.digest(row.id).view for row in replica.spaces()},
        "local": [drafts, cursors, shown, acts],
        "supplies": [wishes, books],
    }
    whole: dict[str, Any] = json.loads(json.dumps(said))
    return whole


def do(trip: Trip, steps: Sequence[tuple[str, Step]], say: Callable[[str], None]) -> None:
    """Do steps; tell of each that has returned."""
    for name, step in steps:
        step(trip)
        say(name)


def main(home: Path) -> None:
    """Do all steps on a home, with the same clock and randomness in every run."""
    steps = steps_of(home.exists())
    times = iter(range(TIMES_MS, TIMES_MS * 2, 1000))
    entropy = random.Random(f"a killed run of {home.name}").randbytes
    with Replica.open(home, clock_ms=lambda: next(times), entropy=entropy) as replica:
        trip = Trip(replica, home.parent / REMOTE)

        def say(name: str) -> None:
            # One write each: what the reader has, was said.
            said = {"step": name, "state": state_of(replica)} if whole else {"step": name}
            os.write(1, f"{json.dumps(said)}\n".encode())

        whole = "--states" in sys.argv
        say("opened")
        do(trip, steps, say)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
