"""Taking in what a server sends: the cursor goes with the rows, and nothing bad goes unseen."""

import sqlite3
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from store.domain.ids import new_doc_id
from store.errors import StoreError
from sync.errors import BadRequest, Incompatible, Unreachable
from sync.protocol.messages import Pulled, Row
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange
from tests.sync.client.world import Fault, Person, World, edited

Edit = Callable[[Pulled], Pulled]


def _pulls(edit: Edit, *, times: int = 1) -> Fault:
    """A server whose first so many pages with rows are others."""
    left = [times]

    async def fault(request: WireRequest, send: Exchange) -> WireResponse:
        response = await send(request)
        if not request.path.endswith("pull") or not left[0]:
            return response

        def edit_if_any(page: Pulled) -> Pulled:
            if not page.rows:
                return page
            left[0] -= 1
            return edit(page)

        return edited(response, Pulled, edit_if_any)

    return fault


def _evidence(person: Person) -> list[tuple[str, str]]:
    with person.replica.db.read() as conn:
        return conn.execute("SELECT reason, sender FROM quarantine").fetchall()


async def test_a_row_that_is_not_what_its_hash_says_is_kept_as_evidence_and_asked_for_anew(
    here: World, alice: Person, bob: Person
) -> None:
    rope = alice.add("Buy rope")
    await alice.sync()
    wrong = alice.log(rope)[0]

    def swap(page: Pulled) -> Pulled:
        rows = [Row("change", row.doc, b"x" * 32, row.raw) for row in page.rows]
        return replace(page, rows=rows)

    bob.network.fault = _pulls(swap)
    await bob.sync()

    assert ("wrong-hash", bob.peer().id) in _evidence(bob)
    assert wrong.hash in {row.hash for row in bob.log()}
    here.assert_alike(alice, bob)


@pytest.mark.parametrize(
    ("raw", "reason"), [(b"", "malformed"), (b"not a change", "malformed")], ids=["empty", "text"]
)
async def test_bytes_that_are_no_change_are_kept_as_evidence_and_asked_for_anew(
    here: World, alice: Person, bob: Person, raw: bytes, reason: str
) -> None:
    alice.add("Buy rope")
    await alice.sync()

    bob.network.fault = _pulls(lambda page: replace(page, rows=[replace(page.rows[0], raw=raw)]))
    await bob.sync()

    assert [found for found, _ in _evidence(bob)] == [reason]
    here.assert_alike(alice, bob)


async def test_a_document_id_that_is_none_is_kept_as_evidence(
    here: World, alice: Person, bob: Person
) -> None:
    alice.add("Buy rope")
    await alice.sync()

    bob.network.fault = _pulls(lambda page: replace(page, rows=[replace(page.rows[0], doc="?")]))
    await bob.sync()

    assert [found for found, _ in _evidence(bob)] == ["bad-document"]
    here.assert_alike(alice, bob)


async def test_a_change_of_another_document_is_no_change_of_this_one(
    here: World, alice: Person, bob: Person
) -> None:
    alice.add("Buy rope")
    await alice.sync()
    stranger = new_doc_id("task", b"x" * 16)

    bob.network.fault = _pulls(
        lambda page: replace(page, rows=[replace(row, doc=stranger) for row in page.rows])
    )
    await bob.sync()

    assert bob.titles() == ["Buy rope"]
    assert alice.digest()[1] == bob.digest()[1]


async def test_a_change_whose_cause_got_lost_waits_and_the_cause_is_asked_for(
    here: World, alice: Person, bob: Person
) -> None:
    rope = alice.add("Buy rope")
    alice.retitle(rope, "Buy 60 m of rope")
    await alice.sync()

    bob.network.fault = _pulls(lambda page: replace(page, rows=page.rows[1:]))
    result = await bob.once()

    assert bob.titles() == ["Buy 60 m of rope"]
    assert "changes" in bob.network.asked
    assert result.state == "synced"
    here.assert_alike(alice, bob)


async def test_a_cause_that_got_lost_is_asked_for_after_a_crash_too(
    here: World, alice: Person, bob: Person
) -> None:
    rope = alice.add("Buy rope")
    alice.retitle(rope, "Buy 60 m of rope")
    await alice.sync()
    without_cause = _pulls(lambda page: replace(page, rows=page.rows[1:]))

    async def then_the_power_goes(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith(("changes", "heads")):
            raise Unreachable("The power went.")
        return await without_cause(request, send)

    bob.network.fault = then_the_power_goes
    with pytest.raises(Unreachable):
        await bob.once()
    bob.network.fault = None
    bob.restart()
    await bob.sync()

    assert bob.titles() == ["Buy 60 m of rope"]
    here.assert_alike(alice, bob)


async def test_what_others_wait_for_is_repaired_though_something_is_parked(
    here: World, alice: Person, bob: Person
) -> None:
    bob.add("Refused")
    here.examiner.refuses.add(bob.log()[-1].hash)
    await bob.sync()
    rope = alice.add("Buy rope")
    await alice.sync()

    bob.network.fault = _pulls(lambda page: replace(page, rows=[replace(page.rows[0], raw=b"")]))
    await bob.sync()

    assert {row.hash for row in alice.log(rope)} <= {row.hash for row in bob.log()}


async def test_what_is_parked_does_not_make_every_round_compare_everything(
    here: World, bob: Person
) -> None:
    bob.add("Refused")
    here.examiner.refuses.add(bob.log()[-1].hash)
    await bob.sync()
    await bob.sync()
    bob.network.asked.clear()

    await bob.once()

    assert bob.network.asked == ["hello", "pull"]


async def test_rows_of_a_kind_from_the_future_stop_the_round_before_anything_is_taken(
    here: World, alice: Person, bob: Person
) -> None:
    alice.add("Buy rope")
    await alice.sync()
    cursor = bob.peer().pull_cursor

    bob.network.fault = _pulls(
        lambda page: replace(page, rows=[*page.rows, replace(page.rows[0], type="future")])
    )
    with pytest.raises(Incompatible, match="update Cairn"):
        await bob.once()

    assert bob.peer().pull_cursor == cursor
    assert bob.titles() == []
    await bob.sync()
    assert bob.titles() == ["Buy rope"]


async def test_a_page_that_leads_nowhere_ends_the_round(
    here: World, alice: Person, bob: Person
) -> None:
    async def stuck(request: WireRequest, send: Exchange) -> WireResponse:
        response = await send(request)
        if request.path.endswith("pull"):
            cursor = bob.peer().pull_cursor or ""
            return edited(response, Pulled, lambda page: replace(page, cursor=cursor, more=True))
        return response

    bob.network.fault = stuck
    with pytest.raises(BadRequest):
        await bob.once()


@pytest.mark.parametrize("table", ["log", "peer"])
async def test_rows_and_cursor_are_kept_together_or_not_at_all(
    here: World, alice: Person, bob: Person, table: str
) -> None:
    """The disk refuses one of the two writes; the other one must not stay."""
    alice.add("Buy rope")
    await alice.sync()
    before, cursor = len(bob.log()), bob.peer().pull_cursor
    of = "UPDATE OF pull_cursor ON peer" if table == "peer" else "INSERT ON log"
    with bob.replica.db.write() as conn:
        conn.execute(f"CREATE TRIGGER full BEFORE {of} BEGIN SELECT RAISE(ABORT, 'full'); END")

    with pytest.raises((sqlite3.Error, StoreError)):
        await bob.once()

    assert (len(bob.log()), bob.peer().pull_cursor) == (before, cursor)
    assert bob.peer().state == "idle"
    with bob.replica.db.write() as conn:
        conn.execute("DROP TRIGGER full")
    await bob.sync()
    here.assert_alike(alice, bob)


async def test_refusals_and_the_push_cursor_are_kept_together_or_not_at_all(
    here: World, alice: Person
) -> None:
    alice.add("Refused")
    here.examiner.refuses.add(alice.log()[-1].hash)
    before = alice.peer().push_seq
    with alice.replica.db.write() as conn:
        conn.execute(
            "CREATE TRIGGER full BEFORE UPDATE OF push_seq ON peer"
            " BEGIN SELECT RAISE(ABORT, 'full'); END"
        )

    with pytest.raises((sqlite3.Error, StoreError)):
        await alice.once()

    assert (alice.peer().push_seq, alice.parked()) == (before, set())
