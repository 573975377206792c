"""The audit trail: every transfer of a ledger, in words: from where, to where, whose, what for."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli.render.supplies import entry_list
from store.commands.asking import Plan, PlanFee
from tests.support.counter import Counter, counter


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Counter]:
    """Ann paid in, took a quota, handed out of it, gave back, and booked a weekend."""
    with counter(tmp_path) as made:
        replica = made.replica
        made.item("escrow")
        for name in ("Food", "Hut"):
            replica.add_budget(name, "EUR")
        replica.deposit("Food", "60")
        replica.take_quota("Tent", 3)
        made.sync()
        reserved = replica.reserve("Tent", 2)
        made.sync()
        replica.release(reserved)
        replica.book(Plan("Hut weekend", (("Tent", 1),), PlanFee("Food", "Hut", "25")))
        made.sync()
        made.authority.run_sagas()
        made.pull()
        yield made


def words(ann: Counter, about: str | None = None) -> set[tuple[str, str, int, str, str]]:
    rows = ann.replica.entries(about)
    return {(row.debit, row.credit, row.amount, row.person, row.purpose) for row in rows}


def test_every_transfer_is_told_from_where_to_where_whose_and_what_for(ann: Counter) -> None:
    assert words(ann) == {
        ("Tent (from outside)", "Tent (in stock)", 5, "", ""),
        ("EUR (from outside)", "Food", 6_000, "", ""),
        ("Tent (in stock)", "Quota of Tent", 3, "", ""),
        ("Quota of Tent", "Tent (handed out)", 2, "Ann", ""),
        ("Tent (handed out)", "Tent (in stock)", 2, "Ann", ""),
        ("Tent (in stock)", "Tent (handed out)", 1, "Ann", "Hut weekend"),
        ("Food", "Hut", 2_500, "Ann", "Hut weekend"),
    }
    with ann.replica.db.read() as conn:
        (count,) = conn.execute("SELECT count(*) FROM transfer").fetchone()
    assert len(ann.replica.entries()) == count


def test_of_one_item_or_budget_there_are_only_its_own(ann: Counter) -> None:
    tent, food = ann.replica.supply("Tent").id, ann.replica.budget("Food").id

    assert {row.unit for row in ann.replica.entries(tent)} == {"pcs"}
    assert len(ann.replica.entries(tent)) == 5
    assert [row.amount for row in ann.replica.entries(food)] == [2_500, 6_000]


def test_the_last_come_first_and_as_many_as_are_asked_for(ann: Counter) -> None:
    every = ann.replica.entries()

    assert ann.replica.entries(limit=2) == every[:2]
    assert every[0].purpose == "Hut weekend"
    assert ann.replica.entries(limit=1_000) == every


def test_a_person_reads_them_as_lines(ann: Counter) -> None:
    text = entry_list(ann.replica.entries(), datetime.now(UTC))

    assert re.search(r"25\.00 EUR +Food → Hut +posted +Ann · Hut weekend", text)
