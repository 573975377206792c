"""Commands as they travel: each comes back as it was, and nothing else is read as one."""

from dataclasses import fields
from typing import get_args

import msgspec
import pytest

from store.domain.errors import InvalidValue
from store.domain.ledger import commands as c
from store.domain.ledger.policies import Policy
from store.ledger import command_codec as codec

ITEM, BUDGET, OTHER = "i" + "a" * 26, "b" + "a" * 26, "b" + "b" * 25 + "a"
SAGA, RESERVATION, TRANSFER = "g" + "a" * 26, "v" + "a" * 26, "x" + "a" * 26

COMMANDS: list[c.Command] = [
    c.AddItem(ITEM, "Tent", 12, Policy("escrow")),
    c.AddItem(ITEM, "Tent", 12, Policy("oversell", oversell_percent=10, settle_after_ms=5)),
    c.Reserve(RESERVATION, ITEM, 2),
    c.Reserve(RESERVATION, ITEM, 2, "t1", 1_790_000_000_000, 7, is_promised=True, is_certain=True),
    c.Confirm(RESERVATION),
    c.Release(RESERVATION),
    c.TakeQuota(TRANSFER, ITEM, 3),
    c.ReturnQuota(TRANSFER, ITEM, 3),
    c.MoveQuota(TRANSFER, ITEM, 3, "r" + "a" * 26),
    c.WriteOff(ITEM, "r" + "a" * 26),
    c.Settle(ITEM),
    c.AddBudget(BUDGET, "Food", "EUR"),
    c.AddBudget(BUDGET, "Food", "EUR", 5_000),
    c.Deposit(TRANSFER, BUDGET, 100, "EUR"),
    c.TransferMoney(SAGA, BUDGET, OTHER, 100, "EUR"),
    c.Book(SAGA, "Trip", (c.Wanted(ITEM, 2),)),
    c.Book(SAGA, "Trip", (c.Wanted(ITEM, 2),), c.Fee(BUDGET, OTHER, 30, "EUR"), 9, "t1"),
    c.RetrySaga(SAGA),
    c.SetApology("Sorry"),
    c.SetApology("Sorry", BUDGET, 500),
]


def test_there_is_an_example_of_every_command() -> None:
    assert {type(each) for each in COMMANDS} == set(get_args(c.Command))


@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_a_command_comes_back_as_it_was(command: c.Command) -> None:
    assert codec.decode_command(codec.encode_command(command)) == command


@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_it_comes_back_through_json_too(command: c.Command) -> None:
    text = msgspec.json.encode(codec.asked_form(command))
    asked = msgspec.json.decode(text, type=codec.AskedCommand)

    assert codec.command_of(asked) == command
    assert codec.fingerprint(codec.command_of(asked)) == codec.fingerprint(command)


def test_the_form_has_the_fields_of_the_command() -> None:
    for command in get_args(c.Command):
        form = codec._FORMS[command]
        assert [each.name for each in fields(command)] == list(form.__struct_fields__), command


def test_two_commands_never_have_one_fingerprint() -> None:
    assert len({codec.fingerprint(each) for each in COMMANDS}) == len(COMMANDS)


def test_what_is_at_its_default_is_left_out_so_that_later_fields_change_no_fingerprint() -> None:
    body = msgspec.json.encode(codec.asked_form(c.Reserve(RESERVATION, ITEM, 2)))

    assert msgspec.json.decode(body) == {
        "type": "reserve",
        "id": RESERVATION,
        "item": ITEM,
        "count": 2,
    }


ADD = {"type": "add-item", "id": ITEM, "name": "x", "count": 1, "policy": {"name": "cas"}}
CONFIRM = {"type": "confirm", "reservation": RESERVATION}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"reservation": RESERVATION},
        {"type": "confirm"},
        {"type": "explode", "reservation": RESERVATION},
        {**CONFIRM, "force": True},
        {**CONFIRM, "reservation": 7},
        {**CONFIRM, "reservation": ""},
        {**CONFIRM, "reservation": "v" * 65},
        {"type": "settle", "item": None},
        {"type": "reserve", "id": RESERVATION, "item": ITEM, "count": 1.5},
        {"type": "reserve", "id": RESERVATION, "item": ITEM, "count": True},
        {"type": "reserve", "id": RESERVATION, "item": ITEM, "count": 1 << 53},
        {"type": "add-item", "id": ITEM, "name": "x" * 201, "count": 1, "policy": {"name": "cas"}},
        {"type": "add-item", "id": ITEM, "name": "x", "count": 1, "policy": {"name": "luck"}},
        {
            "type": "add-item",
            "id": ITEM,
            "name": "x",
            "count": 1,
            "policy": {"name": "cas", "x": 1},
        },
        {"type": "set-apology", "text": "x" * 2_001},
        {"type": "book", "id": SAGA, "name": "x", "items": [{"item": ITEM, "count": 1}] * 201},
    ],
    ids=str,
)
def test_what_is_no_command_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValue, match="no command"):
        codec.decode_command(msgspec.msgpack.encode(fields))


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x81", b"\x91" * 5_000, b"\x80" * 20_000])
def test_rubbish_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidValue):
        codec.decode_command(body)


def test_what_is_too_long_to_be_sent_is_refused_before_it_is_stored() -> None:
    with pytest.raises(InvalidValue, match="can't be asked for"):
        codec.encode_command(c.AddItem(ITEM, "x" * 201, 1, Policy("escrow")))
