"""Each of the six policies at the authority, in a table and where it is special."""

from contextlib import suppress

import pytest

from store.domain.errors import DomainError, InvalidValue, NotFound, Refused
from store.domain.ledger import commands as c
from store.domain.ledger.accounts import Insufficient
from store.domain.ledger.policies import GRACE_MS, LEASE_MS, NAMES, Policy, PolicyName
from store.domain.ledger.quotas import is_reclaimable, reclaimed
from store.domain.ledger.reserving import VersionMoved
from store.domain.ledger.sagas import advance
from store.domain.ledger.taking_back import CANCELLED_MAX
from tests.support.desk import ANN, BEA, CEM, VERA, Desk, device

ALL = tuple(NAMES)
STRICT = tuple(name for name in NAMES if name != "oversell")


def version(desk: Desk, item: str) -> int | None:
    found = desk.the_item(item)
    return found.version if found.policy.name == "cas" else None


# -- all of them -----------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ALL)
def test_what_is_reserved_is_no_longer_available(desk: Desk, policy: PolicyName) -> None:
    item = desk.item(policy, 12)

    one = desk.reserve(BEA, item, 5, version=version(desk, item))

    assert desk.left(item) == 7
    assert desk.reservation(one).state == "confirmed"
    assert desk.reservation(one).is_final == (policy != "reservation")


@pytest.mark.parametrize("policy", ALL)
def test_what_is_released_is_available_again_and_once_only(desk: Desk, policy: PolicyName) -> None:
    item = desk.item(policy, 12)
    one = desk.reserve(BEA, item, 5, version=version(desk, item))

    desk.ask(BEA, c.Release(one))
    desk.ask(BEA, c.Release(one))

    assert desk.left(item) == 12
    assert desk.reservation(one).state == "released"


@pytest.mark.parametrize("policy", STRICT)
def test_nothing_is_oversold(desk: Desk, policy: PolicyName) -> None:
    item = desk.item(policy, 7)
    sold = 0
    for _ in range(5):
        with suppress(Insufficient):
            sold += desk.reservation(desk.reserve(BEA, item, 2, version=version(desk, item))).count

    assert sold == 6
    assert desk.left(item) == 1


@pytest.mark.parametrize("policy", ALL)
@pytest.mark.parametrize("count", [0, -1, 10**13])
def test_a_count_that_is_none_is_refused(desk: Desk, policy: PolicyName, count: int) -> None:
    item = desk.item(policy)

    with pytest.raises(InvalidValue):
        desk.reserve(BEA, item, count, version=version(desk, item))

    assert desk.left(item) == 10


@pytest.mark.parametrize("policy", ALL)
def test_a_viewer_may_not(desk: Desk, policy: PolicyName) -> None:
    item = desk.item(policy)

    with pytest.raises(Refused, match="viewer"):
        desk.reserve(VERA, item)


@pytest.mark.parametrize("policy", ALL)
def test_a_reservation_until_a_time_ends_by_itself(desk: Desk, policy: PolicyName) -> None:
    item = desk.item(policy)
    until_ms = desk.now_ms + 60_000
    one = desk.reserve(BEA, item, 3, version=version(desk, item), until_ms=until_ms)

    desk.now_ms = until_ms - 1
    desk.expire()
    assert desk.left(item) == 7
    desk.now_ms = until_ms
    desk.expire()
    desk.expire()

    assert desk.left(item) == 10
    assert desk.reservation(one).state == "expired"


@pytest.mark.parametrize(
    ("until", "said"), [(0, "has passed"), (1 << 50, "100 years ahead at most")]
)
def test_a_reservation_ends_ahead_and_within_what_people_plan_for(
    desk: Desk, until: int, said: str
) -> None:
    item = desk.item("oversell")

    with pytest.raises(InvalidValue, match=said):
        desk.reserve(BEA, item, until_ms=desk.now_ms + until)

    assert desk.left(item) == 10


def test_the_same_id_is_one_reservation(desk: Desk) -> None:
    item = desk.item("pessimistic")
    one = desk.reserve(BEA, item)

    with pytest.raises(Refused, match="id already"):
        desk.ask(CEM, c.Reserve(one, item, 1))


def test_an_unknown_item_is_named(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no item"):
        desk.reserve(BEA, "i" + "a" * 26)


def test_only_who_reserved_or_an_owner_may_release(desk: Desk) -> None:
    item = desk.item("pessimistic")
    one = desk.reserve(BEA, item)

    with pytest.raises(Refused, match="Bea's reservation"):
        desk.ask(CEM, c.Release(one))
    desk.ask(ANN, c.Release(one))

    assert desk.left(item) == 10


@pytest.mark.parametrize(
    "numbers",
    [
        {"hold_ms": 0},
        {"oversell_percent": 101},
        {"sure_percent": 100},
        {"lease_ms": 1},
        {"settle_after_ms": -1},
    ],
)
def test_a_policy_has_sane_numbers(desk: Desk, numbers: dict[str, int]) -> None:
    with pytest.raises(InvalidValue):
        desk.item("escrow", 10, "Tent", **numbers)


# -- cas -------------------------------------------------------------------------------------------


def test_cas_asks_again_after_somebody_was_faster(desk: Desk) -> None:
    item = desk.item("cas")
    seen = version(desk, item)
    desk.reserve(CEM, item, 1, version=seen)

    with pytest.raises(VersionMoved):
        desk.reserve(BEA, item, 1, version=seen)
    desk.reserve(BEA, item, 1, version=version(desk, item))

    assert desk.left(item) == 8


# -- reservation -----------------------------------------------------------------------------------


def test_a_hold_is_confirmed_by_the_person_once_and_for_all(desk: Desk) -> None:
    item = desk.item("reservation")
    one = desk.reserve(BEA, item, 2)
    assert desk.reservation(one).expires_at_ms == desk.now_ms + 600_000

    desk.ask(BEA, c.Confirm(one))
    assert desk.ask(BEA, c.Confirm(one)) == []
    desk.now_ms += 700_000
    desk.expire()

    assert desk.reservation(one).is_final
    assert desk.left(item) == 8


def test_a_hold_that_has_expired_can_not_be_confirmed(desk: Desk) -> None:
    item = desk.item("reservation")
    one = desk.reserve(BEA, item, 2)

    desk.now_ms += 600_000  # before the job has come by
    with pytest.raises(Refused, match="expired"):
        desk.ask(BEA, c.Confirm(one))
    desk.expire()  # and after it
    with pytest.raises(Refused, match="ended"):
        desk.ask(BEA, c.Confirm(one))

    assert desk.left(item) == 10


# -- oversell --------------------------------------------------------------------------------------


def test_overselling_stops_at_its_bound(desk: Desk) -> None:
    item = desk.item("oversell", 100, oversell_percent=5)
    for _ in range(105):
        desk.reserve(BEA, item)

    with pytest.raises(Insufficient):
        desk.reserve(BEA, item)

    assert desk.left(item) == -5


def test_the_lowest_tier_is_cancelled_first_then_who_asked_last(desk: Desk) -> None:
    item = desk.item("oversell", 3, oversell_percent=100)
    first, boss, last = (desk.reserve(who, item) for who in (BEA, ANN, BEA))
    late_boss = desk.reserve(ANN, item)
    later = desk.reserve(CEM, item)

    desk.ask(BEA, c.Settle(item))

    states = [desk.reservation(one).state for one in (first, boss, last, late_boss, later)]
    assert states == ["confirmed", "confirmed", "compensated", "confirmed", "compensated"]
    assert desk.left(item) == 0


def test_what_is_settled_stays_settled(desk: Desk) -> None:
    item = desk.item("oversell", 2, oversell_percent=100)
    for _ in range(4):
        desk.reserve(BEA, item)

    desk.ask(ANN, c.Settle(item))
    before = len(desk.told)
    desk.ask(ANN, c.Settle(item))

    assert desk.left(item) == 0
    assert sum(one.state == "compensated" for one in desk.reservations()) == 2
    assert len(desk.told) == before


def test_what_a_booking_under_way_holds_is_settled_once_the_booking_has_ended(desk: Desk) -> None:
    item = desk.item("oversell", 1, oversell_percent=100)
    kept = desk.reserve(ANN, item)
    plan = c.Book(desk.new("g"), "Trip", (c.Wanted(item, 1),))
    desk.ask(BEA, plan)
    desk.fold(advance(desk.books, desk.saga(plan.id), desk.now_ms))  # holds, and does not confirm

    desk.ask(ANN, c.Settle(item))

    assert desk.the_item(item).oversold_at_ms == desk.now_ms
    assert desk.reservation(kept).state == "confirmed"  # it ranks higher, and goes for nobody
    desk.run_sagas()
    desk.ask(ANN, c.Settle(item))
    assert [one.state for one in desk.reservations()] == ["confirmed", "compensated"]
    assert desk.the_item(item).oversold_at_ms is None


def test_more_than_fits_into_one_act_is_settled_in_several(desk: Desk) -> None:
    item = desk.item("oversell", 150, oversell_percent=100)
    for _ in range(300):
        desk.reserve(BEA, item)

    desk.ask(ANN, c.Settle(item))
    assert desk.left(item) == CANCELLED_MAX - 150
    desk.ask(ANN, c.Settle(item))

    assert desk.left(item) == 0
    assert desk.the_item(item).oversold_at_ms is None


def test_names_and_the_apology_are_text_on_one_line(desk: Desk) -> None:
    item, budget, plan = desk.new("i"), desk.budget("  Food\n "), desk.new("g")
    desk.ask(ANN, c.AddItem(item, " big\ntent ", 1, Policy("escrow")))
    desk.ask(ANN, c.Book(plan, "a\ttrip", (c.Wanted(item, 1),)))
    desk.ask(ANN, c.SetApology(" We are\nsorry "))

    assert desk.the_item(item).name == "big tent"
    assert desk.account(budget).name == "Food"
    assert desk.saga(plan).name == "a trip"
    assert desk.books.apology().text == "We are sorry"
    for name in ("", " ", "\n"):
        with pytest.raises(InvalidValue):
            desk.ask(ANN, c.AddItem(desk.new("i"), name, 1, Policy("escrow")))
        with pytest.raises(InvalidValue):
            desk.ask(ANN, c.AddBudget(desk.new("b"), name, "EUR"))
        with pytest.raises(InvalidValue):
            desk.ask(ANN, c.Book(desk.new("g"), name, (c.Wanted(item, 1),)))


# -- probabilistic ---------------------------------------------------------------------------------


def test_a_wrong_guess_is_counted_made_good_and_told(desk: Desk) -> None:
    item = desk.item("probabilistic", 1)
    desk.reserve(CEM, item)

    one = desk.reserve(BEA, item, 1, is_promised=True)

    assert desk.reservation(one).state == "compensated"
    assert desk.the_item(item).wrong_guesses == 1
    assert desk.left(item) == 0


# -- escrow ----------------------------------------------------------------------------------------


def quota(desk: Desk, item: str, who: object = BEA, count: int = 4) -> None:
    desk.ask(who, c.TakeQuota(desk.new("x"), item, count))  # type: ignore[arg-type]


def test_a_quota_leaves_the_stock_and_is_spent_in_its_place(desk: Desk) -> None:
    item = desk.item("escrow", 10)
    quota(desk, item)
    assert desk.left(item) == 6

    one = desk.reserve(BEA, item, 3, is_certain=True)

    assert desk.left(item) == 6
    assert desk.account(f"lease/{item}/{BEA.replica}").available == 1
    assert desk.reservation(one).state == "confirmed"


def test_a_quota_can_be_returned_and_moved(desk: Desk) -> None:
    item = desk.item("escrow", 10)
    quota(desk, item)

    desk.ask(BEA, c.ReturnQuota(desk.new("x"), item, 1))
    desk.ask(BEA, c.MoveQuota(desk.new("x"), item, 2, CEM.replica))

    assert desk.left(item) == 7
    assert desk.account(f"lease/{item}/{BEA.replica}").available == 1
    assert desk.account(f"lease/{item}/{CEM.replica}").available == 2
    with pytest.raises(DomainError):
        desk.ask(BEA, c.ReturnQuota(desk.new("x"), item, 2))
    with pytest.raises(NotFound):
        desk.ask(BEA, c.MoveQuota(desk.new("x"), item, 1, device("z")))


def test_an_unreported_quota_comes_back_after_lease_and_grace_and_not_before(desk: Desk) -> None:
    item = desk.item("escrow", 10)
    quota(desk, item)
    lease = desk.books.lease(item, BEA.replica)
    assert lease is not None

    assert not is_reclaimable(lease, desk.now_ms + LEASE_MS + GRACE_MS - 1)
    assert is_reclaimable(lease, desk.now_ms + LEASE_MS + GRACE_MS)
    desk.fold(reclaimed(desk.books, lease, desk.now_ms))

    assert desk.left(item) == 10


def test_a_late_report_takes_what_is_left_and_is_made_good_where_nothing_is(desk: Desk) -> None:
    item = desk.item("escrow", 4)
    quota(desk, item)
    desk.ask(ANN, c.WriteOff(item, BEA.replica))
    desk.reserve(CEM, item, 3)

    fits = desk.reserve(BEA, item, 1, is_certain=True)
    too_late = desk.reserve(BEA, item, 2, is_certain=True)

    assert desk.reservation(fits).state == "confirmed"
    assert desk.reservation(too_late).state == "compensated"
    assert desk.left(item) == 0


def test_only_an_owner_writes_off(desk: Desk) -> None:
    item = desk.item("escrow", 4)
    quota(desk, item)

    with pytest.raises(Refused, match="owner"):
        desk.ask(CEM, c.WriteOff(item, BEA.replica))


def test_only_what_is_sure_offline_has_quotas(desk: Desk) -> None:
    item = desk.item("pessimistic")

    with pytest.raises(Refused, match="no quotas"):
        quota(desk, item)


def test_the_floor_of_a_policy(desk: Desk) -> None:
    assert Policy("oversell").floor(100) == -5
    assert Policy("oversell").floor(19) == 0
    assert {Policy(name).floor(1000) for name in STRICT} == {0}
