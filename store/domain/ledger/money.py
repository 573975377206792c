"""Money is a whole number of a currency's minor units; text has exactly as many decimals.

Source of the exceptions: ISO 4217, whose list has two decimals for nearly all currencies.
"""

import re
from typing import Final

from store.domain.errors import InvalidValue

AMOUNT_MAX: Final = 1_000_000_000_000  # of one transfer; sums of a million of those fit 64 bits

_WITHOUT: Final = {
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"),
    *("VND", "VUV", "XAF", "XOF", "XPF"),
}
_WITH_THREE: Final = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
_CURRENCY: Final = re.compile("[A-Z]{3}")
_AMOUNT: Final = re.compile(r"([0-9]{1,15})(?:[.,]([0-9]{1,3}))?")


def checked_currency(text: str) -> str:
    """Give a currency's code in capitals; raises InvalidValue."""
    code = text.strip().upper()
    if _CURRENCY.fullmatch(code) is None:
        raise InvalidValue("A currency is three letters, such as EUR.", field="currency")
    return code


def decimals_of(currency: str) -> int:
    """How many decimals amounts of a currency have."""
    if currency in _WITHOUT:
        return 0
    return 3 if currency in _WITH_THREE else 2


def parse_amount(text: str, currency: str) -> int:
    """Read an amount as people write it: `25`, `25.00`, `25,5`.

    Returns:
        Minor units, above zero.

    Raises:
        InvalidValue: not such a number, zero, more decimals than the currency has, or too much.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise InvalidValue(
            f"An amount is a number above zero, such as {shown_amount(2500, currency)}.",
            field="amount",
        )
    decimals = decimals_of(currency)
    fraction = (match[2] or "").rstrip("0")
    if len(fraction) > decimals:
        raise InvalidValue(f"{currency} has {decimals} decimals; round the amount.", field="amount")
    minor = int(match[1] + fraction.ljust(decimals, "0"))
    return checked_amount(minor)


def shown_amount(minor: int, currency: str) -> str:
    """Write an amount with the currency's decimals, `-` before it where it is below zero."""
    decimals = decimals_of(currency)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    whole = digits[: len(digits) - decimals]
    fraction = digits[len(digits) - decimals :]
    return ("-" if minor < 0 else "") + (f"{whole}.{fraction}" if decimals else whole)


def checked_amount(minor: int) -> int:
    """Give back an amount, or a number of pieces, that a transfer may move; raises InvalidValue."""
    if minor <= 0:
        raise InvalidValue("It must be a whole number above zero.", field="amount")
    if minor > AMOUNT_MAX:
        raise InvalidValue("That is more than a ledger moves at once.", field="amount")
    return minor
