"""The sale in small: real processes, a flapping network; its promises are checked by the sale."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from store.domain.ledger.policies import NAMES, PolicyName
from tests.flash_sale.__main__ import BUYERS, DEVICES, KEPT, keep
from tests.flash_sale.sale import Outcome, check, hold_sale


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["escrow", "oversell", "pessimistic"])
def test_a_small_sale_holds_what_its_policy_promises(policy: PolicyName, tmp_path: Path) -> None:
    outcome = hold_sale(policy, tmp_path, devices=2, buyers=14, seed=5, units=20)

    assert outcome.buyers == 28
    assert outcome.sold == 20


GOOD = Outcome("cas", 30, 20, 10, 0, 0, 3, 1.0, 2.0, 0.0, 0, 1.0)


def changed(**fields: object) -> Outcome:
    return replace(GOOD, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "broken",
    [
        changed(sold=21, refused=9),
        changed(oversold=1),
        changed(policy="oversell", oversold=2),
        changed(refused=9),
        changed(refused=9, compensated=1),
        changed(policy="escrow", refused=9, compensated=1),
    ],
)
def test_a_broken_promise_is_seen(broken: Outcome) -> None:
    check(GOOD, 20)
    check(changed(policy="oversell", oversold=1, refused=9, compensated=1), 20)
    with pytest.raises(AssertionError):
        check(broken, 20)


def test_a_trial_does_not_take_the_place_of_a_whole_sale(tmp_path: Path) -> None:
    table = tmp_path / "table.json"
    sold = changed(buyers=DEVICES * BUYERS, refused=980)
    assert keep([sold], DEVICES, 1, table) == [sold]
    kept = table.read_text()

    assert keep([GOOD], DEVICES, 2, table) == []
    assert keep([sold], DEVICES - 1, 2, table) == []

    assert table.read_text() == kept


def test_the_table_that_is_kept_is_of_whole_sales_and_every_promise_held() -> None:
    table = json.loads(KEPT.read_text())

    assert {row["policy"] for row in table["policies"]} == set(NAMES)
    for row in table["policies"]:
        assert (row.pop("devices"), row.pop("seed") > 0) == (DEVICES, True)
        assert row["buyers"] >= DEVICES * BUYERS
        check(Outcome(**row), table["units"])
