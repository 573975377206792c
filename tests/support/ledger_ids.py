"""Ids of things in a ledger, as tests name them, and what stands in a ledger without its times."""

import os

import msgspec

from store.domain.ledger.facts import Fact
from store.domain.ledger.ids import new_ledger_id


def new(letter: str) -> str:
    """A fresh id."""
    return new_ledger_id(letter, os.urandom(16))


def name(letter: str, number: int) -> str:
    """The id of this number, the same in every run."""
    return new_ledger_id(letter, number.to_bytes(16, "big"))


def without(fact: Fact, *fields: str) -> str:
    """A fact as text in which some fields of it, and of what is in it, are left out."""
    return str(_without(msgspec.to_builtins(fact), fields))


def _without(value: object, fields: tuple[str, ...]) -> object:
    match value:
        case dict():
            return {key: _without(each, fields) for key, each in value.items() if key not in fields}
        case list():
            return [_without(each, fields) for each in value]
        case _:
            return value
