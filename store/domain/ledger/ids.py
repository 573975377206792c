"""Ids of the ledger: a letter that says what it names and 26 characters, as in `store.domain.ids`.

    i  item in stock     v  reservation     b  budget     g  saga     k  command (idempotency key)
    x  transfer made by a person            o  notice

They are made by the device that asks, before it asks, so that asking again names the same thing.
Accounts that belong to something are named after it: `stock/<item>`, `lease/<item>/<replica>`.
"""

import base64
import re
from typing import Final

from store.domain.errors import InvalidValue
from store.domain.ids import ENTROPY_BYTES

ITEM: Final = "i"
RESERVATION: Final = "v"
BUDGET: Final = "b"
SAGA: Final = "g"
KEY: Final = "k"
TRANSFER: Final = "x"
NOTICE: Final = "o"
KEY_ENTROPY_BYTES: Final = 10

_WORDS: Final = {
    ITEM: "an item in stock",
    RESERVATION: "a reservation",
    BUDGET: "a budget",
    SAGA: "a saga",
    KEY: "a command",
    TRANSFER: "a transfer",
    NOTICE: "a notice",
}
_SHAPES: Final = {letter: re.compile(letter + "[a-z2-7]{25}[aeimquy4]") for letter in _WORDS}


def new_ledger_id(letter: str, entropy: bytes) -> str:
    """Make an id from 16 bytes, random or derived."""
    if len(entropy) != ENTROPY_BYTES:
        raise InvalidValue(f"An id needs {ENTROPY_BYTES} bytes, not {len(entropy)}.")
    return letter + base64.b32encode(entropy).decode("ascii").rstrip("=").lower()


def new_key(at_ms: int, entropy: bytes) -> str:
    """Make an idempotency key of a time and 10 random bytes: a UUIDv7 (RFC 9562), shown as ids are.

    The time is only there so that keys sort by it; chance alone makes them differ.
    """
    if len(entropy) != KEY_ENTROPY_BYTES:
        raise InvalidValue(f"A key needs {KEY_ENTROPY_BYTES} bytes, not {len(entropy)}.")
    raw = bytearray(at_ms.to_bytes(6, "big") + entropy)
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return new_ledger_id(KEY, bytes(raw))


def checked_id(letter: str, text: str) -> str:
    """Give a whole id back; raises InvalidValue where it does not name such a thing."""
    if _SHAPES[letter].fullmatch(text) is None:
        shown = ascii(text if len(text) <= 40 else text[:40] + "...")
        raise InvalidValue(f"{shown} is not the id of {_WORDS[letter]}; copy it whole.")
    return text


def stock_account(item: str) -> str:
    """What of an item is there and promised to nobody."""
    return f"stock/{item}"


def out_account(item: str) -> str:
    """What of an item was handed out."""
    return f"out/{item}"


def source_account(unit: str) -> str:
    """Where units of an item, or money of a currency, come from: the world outside."""
    return f"world/{unit}"


def lease_account(item: str, holder: str) -> str:
    """What of an item a device may hand out by itself."""
    return f"lease/{item}/{holder}"


def credit_account(holder: str, currency: str) -> str:
    """What a device's person has been given as an apology."""
    return f"credit/{holder}/{currency}"
