"""Acts of the authority that come in: the cursor goes with them, and nobody else's count."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store import peers
from store.change_set import ChangeSet
from store.commands.receiving_acts import TakenActs
from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.policies import Policy
from store.errors import LedgerKeyChanged, LedgerTooNew
from store.ledger.books import snapshot
from store.ledger.codec import encode_row
from store.log import position
from store.replica import Replica
from tests.support.authority import Authority
from tests.support.desk import ANN, check_books

SERVER = "pserver"
TENT, ROPE = "i" + "a" * 26, "i" + "b" * 25 + "a"


@pytest.fixture
def alice(tmp_path: Path) -> Iterator[Replica]:
    with Replica.open(tmp_path / "alice") as replica:
        space = SpaceId(replica.space().id)
        with replica.db.write() as conn:
            peers.attach_peer(conn, SERVER, space, url="http://hut", token="t", role="owner")
            peers.set_pull_cursor(conn, SERVER, "before")
        yield replica


@pytest.fixture
def authority(alice: Replica, tmp_path: Path) -> Iterator[Authority]:
    made = Authority(tmp_path / "authority.db", alice.space().id)
    made.ask(c.AddItem(TENT, "Tent", 5, Policy("escrow")))
    made.ask(c.Reserve("v" + "a" * 26, TENT, 2))
    made.ask(c.AddItem(ROPE, "Rope", 1, Policy("cas")))
    yield made
    made.db.close()


def take(alice: Replica, acts: list[tuple[str, bytes]], cursor: str = "beyond") -> TakenActs:
    space = SpaceId(alice.space().id)
    return alice.apply_remote(space, [], origin=SERVER, cursor=(SERVER, cursor), acts=acts).acts


def cursor_of(alice: Replica) -> str | None:
    with alice.db.read() as conn:
        found = peers.find_peer(conn, SERVER)
    assert found is not None
    return found.pull_cursor


def books(replica: Replica | Authority, space: str) -> list[object]:
    with replica.db.read() as conn:
        check_books(conn)
        return list(snapshot(conn, space))


def test_acts_are_folded_with_the_cursor_and_told(alice: Replica, authority: Authority) -> None:
    heard: list[ChangeSet] = []
    alice.believe_authority(authority.space, authority.key)
    alice.watch(heard.append)

    taken = take(alice, authority.acts())

    assert taken.accepted == len(authority.acts())
    assert books(alice, authority.space) == books(authority, authority.space)
    assert cursor_of(alice) == "beyond"
    assert heard[-1].concerns("ledger")
    assert heard[-1].spaces == {authority.space}


def test_without_a_key_nothing_is_believed_and_with_it_all_is_asked_for_anew(
    alice: Replica, authority: Authority
) -> None:
    take(alice, authority.acts())
    assert not [fact for fact in books(alice, authority.space) if "Tent" in repr(fact)]
    assert cursor_of(alice) == "beyond"

    assert alice.believe_authority(authority.space, authority.key)

    assert cursor_of(alice) is None
    take(alice, authority.acts())
    assert books(alice, authority.space) == books(authority, authority.space)


def test_the_first_key_stays_and_another_one_is_refused(
    alice: Replica, authority: Authority
) -> None:
    alice.believe_authority(authority.space, authority.key)
    take(alice, authority.acts())

    assert not alice.believe_authority(authority.space, authority.key)
    with pytest.raises(LedgerKeyChanged, match="another key"):
        alice.believe_authority(authority.space, b"x" * 32)

    assert cursor_of(alice) == "beyond"


def test_a_damaged_act_is_kept_as_evidence_and_what_it_hid_is_asked_for_anew(
    alice: Replica, authority: Authority
) -> None:
    alice.believe_authority(authority.space, authority.key)
    acts = authority.acts()
    type_, raw = acts[1]
    damaged = [acts[0], (type_, raw[:-1] + bytes([raw[-1] ^ 1])), *acts[2:]]

    taken = take(alice, damaged)

    assert (taken.accepted, len(taken.damaged), taken.asks_anew) == (1, 1, True)
    assert cursor_of(alice) is None
    with alice.db.read() as conn:
        assert conn.execute("SELECT reason, sender FROM quarantine").fetchall() == [
            ("ledger-damaged", SERVER)
        ]
    take(alice, acts)
    assert books(alice, authority.space) == books(authority, authority.space)
    assert cursor_of(alice) == "beyond"


def test_a_hole_that_the_peer_has_too_is_asked_for_once(
    alice: Replica, authority: Authority
) -> None:
    alice.believe_authority(authority.space, authority.key)
    holed = [authority.acts()[0], *authority.acts()[2:]]

    first, second = take(alice, holed), take(alice, holed, "end")

    assert (first.asks_anew, first.is_incomplete) == (True, False)
    assert (second.asks_anew, second.is_incomplete) == (False, True)
    assert cursor_of(alice) == "end"


def test_a_hole_in_what_was_brought_unasked_does_not_use_up_the_asking(
    alice: Replica, authority: Authority
) -> None:
    """A guest's push, or a file, can't be asked anew; the server still can, and so can a device."""
    alice.believe_authority(authority.space, authority.key)
    holed = [authority.acts()[0], *authority.acts()[2:]]
    space = SpaceId(authority.space)

    brought = alice.apply_remote(space, [], origin=SERVER, acts=holed).acts
    nearby = alice.apply_remote(space, [], origin="pdevice", cursor=("pdevice", "c"), acts=holed)
    asked = take(alice, holed)

    assert brought.held_up == [raw for _, raw in holed[1:]]
    assert not brought.asks_anew
    assert not brought.is_incomplete
    assert nearby.acts.asks_anew
    assert asked.asks_anew


def test_what_somebody_else_signed_changes_nothing(
    alice: Replica, authority: Authority, tmp_path: Path
) -> None:
    alice.believe_authority(authority.space, authority.key)
    mallory = Authority(tmp_path / "mallory.db", authority.space, seed=bytes(32))
    mallory.ask(c.AddItem(TENT, "Tent", 500, Policy("escrow")), ANN)

    acts = mallory.acts()
    mallory.db.close()

    taken = take(alice, acts)

    assert (taken.accepted, len(taken.damaged)) == (0, len(acts))
    with alice.db.read() as conn:
        assert position(conn, authority.space).seq == 0


def test_a_signed_act_that_only_a_newer_version_reads_stops_everything_before_anything_is_taken(
    alice: Replica, authority: Authority
) -> None:
    alice.believe_authority(authority.space, authority.key)
    body = b"\x94\xc4\x10" + b"g" * 16 + b"\x01\x01\x91\x92\xa6future\x01"
    future = encode_row(body, authority.signer.sign(body))

    with pytest.raises(LedgerTooNew, match="update"):
        take(alice, [("ledger", future), *authority.acts()])

    assert cursor_of(alice) is None
    assert not [fact for fact in books(alice, authority.space) if "Tent" in repr(fact)]
