"""Supplies, budgets and bookings on the command line: the contract's shapes, and clear refusals."""

from pathlib import Path

import pytest

from tests.app.cli.conftest import Cairn

PLAN = """
name = "Hut weekend"
items = [{ item = "Tent", count = 2 }]
fee = { from = "Food", to = "Hut", amount = "25.00" }
deadline = 2030-12-01
"""


@pytest.fixture
def stocked(cairn: Cairn) -> Cairn:
    """A home with a tent and two budgets, all of it asked for only."""
    assert cairn("stock", "add", "Tent", "--count", "5").status == 0
    assert cairn("budget", "add", "Food", "--currency", "EUR").status == 0
    assert cairn("budget", "add", "Hut", "--currency", "EUR").status == 0
    return cairn


def test_an_item_has_the_shape_of_the_contract(stocked: Cairn) -> None:
    made = stocked("--json", "stock", "add", "Rope", "--count", "3", "--policy", "cas").value

    (rope, tent) = stocked("--json", "stock").value
    assert rope == made
    assert {key: tent[key] for key in ("name", "count", "available", "pending", "policy")} == {
        "name": "Tent",
        "count": 5,
        "available": 5,
        "pending": 0,
        "policy": "escrow",
    }
    assert tent["mine"] == {"reserved": 0, "requested": 0, "quota": 0}
    assert tent["known_at"] is None
    assert tent["id"].startswith("i")


def test_what_is_put_in_stock_is_not_said_to_be_decided_before_it_is(stocked: Cairn) -> None:
    put = stocked("stock", "add", "Rope", "--count", "3").out

    assert put.strip() == "In stock: Rope: 3 of 3 left; not decided yet"


@pytest.mark.parametrize(
    ("hold", "words"),
    [("5s", "5 seconds"), ("10m", "10 minutes"), ("90m", "90 minutes"), ("1d", "1 day")],
)
def test_how_long_a_hold_lasts_is_said_in_the_unit_that_fits(
    stocked: Cairn, hold: str, words: str
) -> None:
    stocked("stock", "add", "Bike", "--count", "3", "--policy", "reservation", "--hold", hold)

    assert f"Hold for {words}" in stocked("stock").out


def test_a_reservation_has_the_shape_of_the_contract(stocked: Cairn) -> None:
    task = stocked("--json", "add", "Pitch the tents").value["id"]

    made = stocked("--json", "stock", "reserve", "Tent", "2", "--for", task[:9]).value

    assert {key: made[key] for key in ("name", "count", "state", "expires_at", "task")} == {
        "name": "Tent",
        "count": 2,
        "state": "requested",
        "expires_at": None,
        "task": task,
    }
    assert "no server" in made["reason"]
    assert stocked("--json", "stock", "reservations", "--for", task).value == [made]
    assert stocked("--json", "stock").value[0]["mine"]["requested"] == 2


def test_more_may_be_asked_for_than_is_left_and_never_less_than_none_is(stocked: Cairn) -> None:
    stocked("stock", "quota", "Tent", "4")

    stocked("stock", "reserve", "Tent", "4")

    (tent,) = stocked("--json", "stock").value
    assert (tent["available"], tent["pending"], tent["mine"]["requested"]) == (0, 8, 8)


def test_a_task_shows_what_it_has_claimed(stocked: Cairn) -> None:
    task = stocked("--json", "add", "Pitch the tents").value["id"]
    assert "supplies" not in stocked("--json", "show", task).value

    made = stocked("--json", "stock", "reserve", "Tent", "2", "--for", task).value

    assert stocked("--json", "show", task).value["supplies"] == [made]
    assert "2 × Tent: asked for" in stocked("show", task).out


def test_until_a_day_is_its_end_and_the_past_is_refused(stocked: Cairn) -> None:
    made = stocked("--json", "stock", "reserve", "Tent", "1", "--until", "2030-05-01").value
    assert made["expires_at"].startswith(("2030-05-01T", "2030-05-02T"))

    refused = stocked("--json", "stock", "reserve", "Tent", "1", "--until", "2020-05-01")
    assert (refused.status, refused.error["type"]) == (1, "invalid-value")
    for day in ("3030-05-01", "9999-12-31"):
        late = stocked("--json", "stock", "reserve", "Tent", "1", "--until", day)
        assert (late.status, late.error["type"]) == (1, "invalid-value"), day


def test_what_was_not_sent_is_released_without_a_trace(stocked: Cairn) -> None:
    made = stocked("--json", "stock", "reserve", "Tent", "2").value

    released = stocked("--json", "stock", "release", made["id"][:9]).value

    assert released["state"] == "released"
    assert stocked("--json", "stock", "reservations").value == []


def test_undo_takes_a_reservation_back(stocked: Cairn) -> None:
    stocked("stock", "reserve", "Tent", "2")

    assert stocked("--json", "undo").value["undone"] == "reserve"

    assert stocked("--json", "stock", "reservations").value == []


def test_budgets_have_decimal_strings_and_what_is_under_way_apart(stocked: Cairn) -> None:
    stocked("budget", "deposit", "Food", "50.00")
    moved = stocked("--json", "budget", "transfer", "Food", "Hut", "20").value
    assert moved["kind"] == "transfer"
    assert [step["name"] for step in moved["steps"]] == ["validate", "debit", "credit", "record"]

    food, hut = stocked("--json", "budget").value

    shown = ("name", "currency", "available", "pending", "incoming")
    assert [food[key] for key in shown] == ["Food", "EUR", "-20.00", "20.00", "50.00"]
    assert [hut[key] for key in shown] == ["Hut", "EUR", "0.00", "0.00", "20.00"]


def test_a_plan_is_booked_as_a_saga_with_its_steps(stocked: Cairn, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")

    made = stocked("--json", "book", str(plan)).value

    assert (made["kind"], made["state"], made["decided"]) == ("booking", "running", False)
    assert made["steps"] == [
        {"name": "reserve 2 × Tent", "state": "waiting", "attempts": 0},
        {"name": "pay 25.00 EUR from Food to Hut", "state": "waiting", "attempts": 0},
        {"name": "confirm", "state": "waiting", "attempts": 0},
    ]
    assert stocked("--json", "sagas").value == [made]
    assert stocked("--json", "sagas", "--stuck").value == []


BAD_PLANS = {
    "no TOML": ("name = ", "is no TOML"),
    "an empty list of items": ('name = "Trip"\nitems = []', "1 to 50 items"),
    "a fee for nothing": (
        'name = "Trip"\nitems = []\nfee = { from = "Food", to = "Hut", amount = "5" }',
        "1 to 50 items",
    ),
    "an unknown field of an item": (
        'name = "T"\nitems = [{ item = "Tent", count = 1, pieces = 2 }]',
        "item 1: there is no 'pieces'; here stand count, item",
    ),
    "an unknown field of a fee": (PLAN.replace("amount", "sum"), "fee: there is no 'sum'"),
    "a negative fee": (PLAN.replace("25.00", "-25.00"), "above zero"),
    "a number of too many digits": (f"name = {'9' * 5000}", "is too large"),
    "lists in lists": (f"name = {'[' * 2000}{']' * 2000}", "is too large"),
    "a deadline of no day": (
        'name = "T"\nitems = [{ item = "Tent", count = 1 }]\ndeadline = 07:30:00',
        "is a day or a moment",
    ),
    "a deadline beyond the calendar": (
        PLAN.replace("2030-12-01", "9999-12-31"),
        "beyond the calendar",
    ),
    "a deadline that nobody plans for": (PLAN.replace("2030-12-01", "3030-12-01"), "100 years"),
    "no name": ('name = " "\nitems = [{ item = "Tent", count = 1 }]', "name"),
    "no items": ('name = "Trip"', "items has to be a list"),
    "an unknown field": ('name = "Trip"\nitems = []\nfees = 1', "no 'fees'"),
    "an unknown item": ('name = "T"\nitems = [{ item = "Boat", count = 1 }]', "no item 'Boat'"),
    "a count of nothing": ('name = "T"\nitems = [{ item = "Tent", count = 0 }]', "above zero"),
    "a count that is none": (
        'name = "T"\nitems = [{ item = "Tent", count = "2" }]',
        "item 1: count has to be a whole number",
    ),
    "an item twice": (
        'name = "T"\nitems = [{ item = "Tent", count = 1 }, { item = "tent", count = 1 }]',
        "stands twice",
    ),
    "an amount that was rounded": (
        PLAN.replace('"25.00"', "25.00"),
        "in quotes",
    ),
    "other money": (PLAN.replace('"25.00"', '"25.00", currency = "USD"'), "kept in EUR"),
    "a deadline in the past": (PLAN.replace("2030", "2020"), "deadline has passed"),
}


@pytest.mark.parametrize("what", BAD_PLANS)
def test_a_plan_that_can_not_be_is_refused_in_one_line(
    stocked: Cairn, tmp_path: Path, what: str
) -> None:
    text, said = BAD_PLANS[what]
    plan = tmp_path / "plan.toml"
    plan.write_text(text, encoding="utf-8")

    refused = stocked("--json", "book", str(plan))

    assert refused.status == 1
    assert said in refused.error["detail"]
    assert stocked("--json", "sagas").value == []


BAD = {
    "a negative count": (("stock", "reserve", "Tent", "-1"), "above zero"),
    "no count": (("stock", "reserve", "Tent", "0"), "above zero"),
    "more than there is": (("stock", "reserve", "Tent", "6"), "only 5 × Tent"),
    "an unknown item": (("stock", "reserve", "Boat", "1"), "no item 'Boat'"),
    "nothing in stock": (("stock", "add", "Rope", "--count", "-2"), "above zero"),
    "a second of that name": (("stock", "add", "Tent", "--count", "2"), "an item Tent"),
    "more than the quota": (("stock", "quota", "Tent", "2", "--return"), "quota of Tent is 0"),
    "a policy's number": (
        ("stock", "add", "Rope", "--count", "2", "--sure", "5"),
        "between 50 and 99",
    ),
    "no currency": (("budget", "add", "Fuel", "--currency", "Euro"), "three letters"),
    "other money": (("budget", "deposit", "Food", "5", "--currency", "USD"), "kept in EUR"),
    "no amount": (("budget", "deposit", "Food", "-5"), "above zero"),
    "too many decimals": (("budget", "deposit", "Food", "5.001"), "2 decimals"),
    "the same budget": (("budget", "transfer", "Food", "Food", "5"), "two different"),
    "no such budget": (("budget", "transfer", "Food", "Fuel", "5"), "no budget 'Fuel'"),
    "no such reservation": (("stock", "release", "vx"), "no reservation 'vx'"),
    "no such saga": (("sagas", "retry", "gx"), "no booking or transfer 'gx'"),
    "a credit from nowhere": (("notices", "apology", "Sorry", "--credit", "5"), "name both"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_can_never_be_is_refused_in_one_line_and_nothing_is_kept(
    stocked: Cairn, what: str
) -> None:
    argv, said = BAD[what]
    before = stocked("--json", "stock").value, stocked("--json", "budget").value

    refused = stocked("--json", *argv)

    assert refused.status == 1
    assert said in refused.error["detail"]
    assert (stocked("--json", "stock").value, stocked("--json", "budget").value) == before


def test_what_only_a_server_decides_is_refused_in_a_space_without_one(stocked: Cairn) -> None:
    stocked("stock", "add", "Key", "--count", "1", "--policy", "pessimistic")

    refused = stocked("--json", "stock", "reserve", "Key", "1")

    assert (refused.status, refused.error["type"]) == (1, "refused")
    assert "with a server" in refused.error["detail"]


def test_people_read_what_is_there_what_is_theirs_and_how_sure_that_is(stocked: Cairn) -> None:
    stocked("stock", "reserve", "Tent", "2")

    said = stocked("stock").out

    assert "Tent" in said
    assert "3 of 5 left" in said
    assert "2 asked for" in said
    assert "Sure, even offline" in said
    assert "Sure, even offline" in stocked("stock", "policies").out
