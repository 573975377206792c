"""Supplies and money: the doctor folds all acts again, and puts right what is not what they say."""

from collections.abc import Callable
from pathlib import Path

import pytest

from store import doctor, peers
from store.doctor.backup import back_up
from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.policies import Policy
from store.errors import HomeCorrupt
from store.ledger import outbox
from store.ledger.books import snapshot
from store.ledger.refolding import rows_of_books
from store.replica import Replica
from tests.store.damage import PAGE, blank, database, detail, failed, flipped, opened, overwrite
from tests.support.asking import create_space
from tests.support.authority import Authority
from tests.support.memory_server import memory_server

SERVER = "pserver"
TENT, CAR = "i" + "a" * 26, "i" + "b" * 25 + "a"
KITTY, HUT = "b" + "a" * 26, "b" + "b" * 25 + "a"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that has heard of supplies and money, and asks for something that waits."""
    folder = tmp_path / "home"
    with Replica.open(folder) as alice:
        space = SpaceId(alice.space().id)
        with alice.db.write() as conn:
            peers.attach_peer(conn, SERVER, space, url="http://hut", token="t", role="owner")
        authority = Authority(tmp_path / "authority.db", space)
        for command in (
            c.AddItem(TENT, "Tent", 5, Policy("escrow")),
            c.AddItem(CAR, "Car", 1, Policy("probabilistic")),
            c.AddBudget(KITTY, "Kitty", "EUR"),
            c.AddBudget(HUT, "Hut", "EUR"),
            c.Deposit("x" + "a" * 26, KITTY, 100, "EUR"),
            c.TakeQuota("x" + "b" * 25 + "a", TENT, 2),
            c.Reserve("v" + "a" * 26, TENT, 1, is_certain=True),
            c.Reserve("v" + "b" * 25 + "a", CAR, 2, is_promised=True),
            c.TransferMoney("g" + "a" * 26, KITTY, HUT, 10, "EUR"),
        ):
            authority.ask(command)
        alice.believe_authority(space, authority.key)
        alice.apply_remote(space, [], origin=SERVER, cursor=(SERVER, "x"), acts=authority.acts())
        alice.add_budget("Food", "EUR")
        authority.db.close()
    return folder


def books(replica: Replica) -> dict[str, list[tuple[object, ...]]]:
    with replica.db.read() as conn:
        return rows_of_books(conn, replica.space().id)


def test_a_sound_ledger_is_said_to_be_so(home: Path) -> None:
    with opened(home) as replica:
        found = doctor.examine(replica)

    assert found.ok
    assert "acts, and supplies and money are what they say" in detail(found, "ledger")


def test_a_home_without_a_ledger_has_none(tmp_path: Path) -> None:
    with Replica.open(tmp_path / "home") as replica:
        assert detail(doctor.examine(replica), "ledger") == "None."


WRONG = {
    "a sum": "UPDATE account SET posted = posted + 1 WHERE kind = 'stock'",
    "a transfer": "UPDATE transfer SET state = 'voided' WHERE state = 'posted'",
    "a reservation": "DELETE FROM reservation",
    "an item": "UPDATE stock SET count = 99",
    "a quota": "UPDATE lease SET expires_at_ms = expires_at_ms + 1",
    "a saga": "UPDATE saga SET state = 'completed'",
    "a notice": "DELETE FROM notice",
    "where it stands": "UPDATE ledger SET n = n - 1",
    "everything": "DELETE FROM account",
}


@pytest.mark.parametrize("what", WRONG)
def test_whatever_is_not_what_the_acts_say_is_found_and_folded_anew(what: str, home: Path) -> None:
    with opened(home) as replica:
        before = books(replica)
        with replica.db.write() as conn:
            conn.execute(WRONG[what])
        assert failed(doctor.examine(replica)) == {"ledger"}

        repaired = doctor.repair(replica)

        assert repaired.ok
        assert "supplies and money folded anew" in detail(repaired, "repair")
        assert books(replica) == before


def test_an_act_whose_bytes_changed_is_found(home: Path) -> None:
    with opened(home) as replica:
        with replica.db.write() as conn:
            seq, raw = conn.execute(
                "SELECT seq, bytes FROM log WHERE type = 'ledger' ORDER BY seq LIMIT 1"
            ).fetchone()
            conn.execute("UPDATE log SET bytes = ? WHERE seq = ?", (flipped(raw), seq))

        assert failed(doctor.examine(replica)) >= {"log", "ledger"}


DAMAGES: dict[str, Callable[[Path], object]] = {
    "the first page": lambda home: overwrite(database(home), 0, b"\xee" * PAGE),
    "an index of the outbox": lambda home: blank(home, "outbox_key"),
    "the books": lambda home: blank(home, "account"),
    "the top of the log": lambda home: blank(home, "log"),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_of_a_damaged_home_what_was_asked_for_is_saved_and_the_books_are_folded_anew(
    what: str, home: Path
) -> None:
    with opened(home) as replica:
        before = books(replica)
        with replica.db.read() as conn:
            asked = outbox.intents(conn, SpaceId(replica.space().id))
    assert len(asked) == 1
    DAMAGES[what](home)

    doctor.repair_home(home)

    with opened(home) as replica:
        assert doctor.repair(replica).ok
        with replica.db.read() as conn:
            assert outbox.intents(conn, SpaceId(replica.space().id)) == asked
        assert books(replica) == before


def test_a_home_that_lost_the_authoritys_key_folds_all_once_it_hears_it_again(
    home: Path, tmp_path: Path
) -> None:
    with opened(home) as replica:
        before, space = books(replica), SpaceId(replica.space().id)
        with replica.db.read() as conn:
            (key,) = conn.execute("SELECT key FROM ledger").fetchone()
            acts = conn.execute(
                "SELECT type, bytes FROM log WHERE doc = 'ledger' ORDER BY seq"
            ).fetchall()
    blank(home, "ledger")
    doctor.repair_home(home)

    with opened(home) as replica:
        assert doctor.repair(replica).ok
        replica.believe_authority(space, key)
        replica.apply_remote(space, [], origin=SERVER, cursor=(SERVER, "x"), acts=acts)
        assert books(replica) == before


async def test_a_copy_of_a_server_whose_books_are_wrong_is_not_kept(tmp_path: Path) -> None:
    with memory_server(tmp_path / "server") as server:
        alice = await create_space(server.transport(), server.setup_code)
        await alice.command(c.AddBudget(KITTY, "Kitty", "EUR"))
        back_up(tmp_path / "home", tmp_path / "server", tmp_path / "good")
        with server.db.write() as conn:
            assert snapshot(conn, alice.space)
            conn.execute("UPDATE account SET posted = 7")

        with pytest.raises(HomeCorrupt, match="not what its acts say"):
            back_up(tmp_path / "home", tmp_path / "server", tmp_path / "bad")

    assert not (tmp_path / "bad").exists()
