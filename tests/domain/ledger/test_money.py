"""Amounts are whole minor units; text is exact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.errors import InvalidValue
from store.domain.ledger.money import AMOUNT_MAX, checked_currency, parse_amount, shown_amount


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("25.00", "EUR", 2500),
        ("25", "EUR", 2500),
        ("25,5", "EUR", 2550),
        ("0.01", "EUR", 1),
        (" 7 ", "JPY", 7),
        ("1.000", "JPY", 1),
        ("1.234", "KWD", 1234),
    ],
)
def test_an_amount_is_read(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "0", "0.00", "1.001", "1e3", "nan", "1 000", "٣", "9" * 16, "1.", ".5"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_amount(text, "EUR")


@given(st.integers(1, AMOUNT_MAX), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_shown_is_read_as_the_same(minor: int, currency: str) -> None:
    assert parse_amount(shown_amount(minor, currency), currency) == minor


def test_below_zero_is_shown_with_its_sign() -> None:
    assert shown_amount(-5, "EUR") == "-0.05"
    assert shown_amount(0, "JPY") == "0"


@pytest.mark.parametrize("text", ["", "E", "EURO", "E1R", "€"])
def test_a_currency_is_three_letters(text: str) -> None:
    with pytest.raises(InvalidValue):
        checked_currency(text)
