"""Changes travel by file: both ways, again and again, with a server or without any."""

from pathlib import Path

import pytest

from store import peers
from store.commands.patches import NewTask, Patch
from store.domain.errors import Refused
from store.domain.ids import new_replica_id
from store.domain.membership import Role
from store.replica import Replica
from sync.client.bundling import TakenBundle, WrittenBundle, take_bundle, write_bundle
from sync.protocol.bundle import BundleHead, BundlePage, BundleRefused, BundleWriter, read_bundle
from sync.protocol.messages import Row
from tests.support.people import Clock, entropy_of
from tests.support.pushes import change, flipped
from tests.sync.client.world import Person, World

CLOCK = Clock()


class Camper:
    """Somebody with a home, and no network at all."""

    def __init__(self, folder: Path, name: str, seed: int) -> None:
        self.stick = folder / "changes.bundle"
        self.replica = Replica.open(folder / name, clock_ms=CLOCK, entropy=entropy_of(seed))
        self.replica.set_identity(name, f"{name}s phone")

    def out(self) -> WrittenBundle:
        return write_bundle(self.replica, self.stick, space=None, now_ms=CLOCK())

    def take(self) -> TakenBundle:
        return take_bundle(self.replica, self.stick, now_ms=CLOCK)

    def titles(self) -> list[str]:
        return sorted(row.title for row in self.replica.tasks())

    def digest(self) -> object:
        return self.replica.digest(None)


@pytest.fixture
def alice(tmp_path: Path) -> Camper:
    return Camper(tmp_path, "Alice", 1)


@pytest.fixture
def bob(tmp_path: Path) -> Camper:
    return Camper(tmp_path, "Bob", 2)


def test_a_space_without_a_server_travels_both_ways_by_file(alice: Camper, bob: Camper) -> None:
    rope = alice.replica.add_task(NewTask(title="Buy rope"))
    assert alice.out().changes == 1

    taken = bob.take()
    assert (taken.is_new, taken.changes, taken.person) == (True, 1, "Alice")
    assert bob.titles() == ["Buy rope"]
    bob.replica.transition(rope, "done")
    bob.out()
    back = alice.take()

    assert (back.is_new, back.changes, back.known) == (False, 1, 1)
    assert alice.replica.task(rope).state == "done"
    assert alice.digest() == bob.digest()


def test_taking_a_bundle_in_again_changes_nothing(alice: Camper, bob: Camper) -> None:
    alice.replica.add_task(NewTask(title="Buy rope"))
    alice.out()
    bob.take()
    before = bob.digest()

    again = bob.take()
    own = alice.take()

    assert (again.changes, again.known, again.needs_person) == (0, 1, False)
    assert (own.changes, own.known) == (0, 1)
    assert bob.digest() == before


def test_a_space_that_is_called_like_another_one_is_told_apart(alice: Camper, bob: Camper) -> None:
    alice.out()

    assert bob.take().space == "Personal (Alice)"

    assert [(row.name, row.is_current) for row in bob.replica.spaces()] == [
        ("Personal", False),
        ("Personal (Alice)", True),
    ]


def test_edits_that_were_made_apart_meet_as_a_conflict_that_needs_a_person(
    alice: Camper, bob: Camper
) -> None:
    rope = alice.replica.add_task(NewTask(title="Buy rope"))
    alice.out()
    bob.take()
    bob.replica.edit(rope, Patch(fields={"priority": "high"}))
    alice.replica.edit(rope, Patch(fields={"priority": "low"}))
    bob.out()

    taken = alice.take()

    assert (taken.conflicts, taken.needs_person) == (1, True)
    alice.out()
    bob.take()
    assert alice.digest() == bob.digest()


def test_an_older_bundle_is_replaced_and_any_other_file_is_not(alice: Camper) -> None:
    alice.out()
    alice.replica.add_task(NewTask(title="Buy rope"))
    assert alice.out().changes == 1
    alice.stick.write_text("my diary")

    with pytest.raises(Refused, match="no bundle"):
        alice.out()

    assert alice.stick.read_text() == "my diary"


def doctored(stick: Path, *rows: Row) -> None:
    """Write the bundle anew with other rows; an honest file about lying changes."""
    with stick.open("rb") as file:
        (head,) = [frame for frame in read_bundle(file) if isinstance(frame, BundleHead)]
    with stick.open("wb") as out, BundleWriter(out, head) as bundle:
        bundle.page(list(rows))


def test_a_bad_change_is_kept_apart_and_the_others_are_taken(alice: Camper, bob: Camper) -> None:
    alice.replica.add_task(NewTask(title="Buy rope"))
    alice.out()
    good, forged = change(title="Stove"), change(title="Lamp")
    begun = change(forged.doc, deps=[])  # begins a document in a way of its own
    doctored(alice.stick, good.row, flipped(change().row), begun.row)

    taken = bob.take()

    assert (taken.changes, taken.refused, taken.needs_person) == (1, 2, True)
    assert bob.titles() == ["Stove"]
    with bob.replica.db.read() as conn:
        senders = {row[0] for row in conn.execute("SELECT sender FROM quarantine")}
    assert len(senders) == 1
    assert None not in senders


def test_a_change_waits_for_what_it_follows(alice: Camper, bob: Camper) -> None:
    alice.out()
    one = change(title="Buy rope")
    two = change(after=one, key="priority", title="high")
    doctored(alice.stick, two.row)
    assert (bob.take().waiting, bob.titles()) == (1, [])

    doctored(alice.stick, one.row)
    bob.take()

    assert bob.titles() == ["Buy rope"]


def test_nothing_of_a_bundle_that_is_not_whole_is_taken_in(alice: Camper, bob: Camper) -> None:
    alice.replica.add_task(NewTask(title="Buy rope"))
    alice.out()
    alice.stick.write_bytes(alice.stick.read_bytes()[:-3])

    with pytest.raises(BundleRefused):
        bob.take()

    assert [row.name for row in bob.replica.spaces()] == ["Personal"]


def test_a_bundle_that_lies_about_whose_it_is_is_refused(alice: Camper, bob: Camper) -> None:
    alice.out()
    with alice.stick.open("rb") as file:
        (head,) = [frame for frame in read_bundle(file) if isinstance(frame, BundleHead)]
    for lie in ({"replica": "server"}, {"space": "s-nonsense"}, {"name": ""}):
        spoilt = BundleHead(**{name: getattr(head, name) for name in head.__struct_fields__} | lie)
        with alice.stick.open("wb") as out, BundleWriter(out, spoilt):
            pass

        with pytest.raises(BundleRefused, match="whose it is"):
            bob.take()


# -- with a server ---------------------------------------------------------------------------


@pytest.fixture
async def ann(here: World) -> Person:
    return await here.found("ann")


@pytest.fixture
async def ben(here: World, ann: Person) -> Person:
    return await here.invite("ben", by=ann)


def carry(by: Person, to: Person, folder: Path) -> TakenBundle:
    stick = folder / "stick"
    write_bundle(by.replica, stick, space=by.space, now_ms=CLOCK())
    return take_bundle(to.replica, stick, now_ms=CLOCK)


async def test_what_came_by_file_flows_on_to_the_server(
    here: World, ann: Person, ben: Person, tmp_path: Path
) -> None:
    ann.add("Buy rope")
    assert carry(ann, ben, tmp_path).changes == 1

    assert (await ben.sync()).pushed == 1
    assert (await ann.sync()).pushed == 0

    await here.settle()


async def test_what_a_server_refused_is_not_carried(
    here: World, ann: Person, ben: Person, tmp_path: Path
) -> None:
    rope = ann.add("Buy rope")
    (row,) = ann.log(rope)
    here.examiner.refuses.add(row.hash)
    await ann.sync()
    ann.retitle(rope, "Buy a rope")  # follows it
    ann.add("Pack the stove")

    assert carry(ann, ben, tmp_path).changes == 1

    assert ben.titles() == ["Pack the stove"]


async def test_a_viewer_writes_no_bundle(here: World, ann: Person, tmp_path: Path) -> None:
    vera = await here.invite("vera", by=ann, role="viewer")

    with pytest.raises(Refused, match="may only read"):
        write_bundle(vera.replica, tmp_path / "stick", space=here.space, now_ms=CLOCK())


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_nothing_is_taken_from_who_may_not_write(
    here: World, ann: Person, tmp_path: Path, role: Role
) -> None:
    mallory = await here.invite("mallory", by=ann, role=role)
    with mallory.replica.db.write() as conn:  # her program minds no role
        peers.set_token(conn, mallory.peer().id, mallory.peer().token or "", "editor")
    mallory.add("Not allowed")
    if role == "editor":
        await ann.members.revoke("mallorys laptop", here.space)
    await ann.sync()

    with pytest.raises(BundleRefused, match=r"may only read|removed mallorys laptop"):
        carry(mallory, ann, tmp_path)

    assert ann.titles() == []


async def test_a_bundle_brings_the_word_that_lets_its_writer_in(
    here: World, ann: Person, ben: Person, tmp_path: Path
) -> None:
    carol = await here.invite("carol", by=ann)  # of whom Ben has not heard
    carol.add("Bring the map")

    assert carry(carol, ben, tmp_path).changes == 1

    assert ben.titles() == ["Bring the map"]


async def test_a_stranger_with_the_space_is_not_believed(
    here: World, ann: Person, tmp_path: Path
) -> None:
    ann.add("Buy rope")
    eve = here.person("eve")
    carry(ann, eve, tmp_path)  # she found a stick
    eve.add("Sell rope")

    with pytest.raises(BundleRefused, match="not from a member"):
        carry(eve, ann, tmp_path)

    assert ann.titles() == ["Buy rope"]


def test_a_bundle_names_the_home_and_the_end_of_its_log(alice: Camper) -> None:
    alice.replica.add_task(NewTask(title="Buy rope"))
    alice.out()

    with alice.stick.open("rb") as file:
        head, page, _ = read_bundle(file)

    assert isinstance(head, BundleHead)
    assert isinstance(page, BundlePage)
    assert (head.person, head.device, head.log.seq) == ("Alice", "Alices phone", 1)
    assert head.replica == alice.replica.identity.replica_id != new_replica_id(bytes(16))
