"""What fuzzing found, as plain tests: a text that is no UTF-8, and what ends within its header."""

import io
from collections.abc import Iterator

import pytest

from store.documents.trial_wire import Broken, Found, Work, receive
from store.domain.ledger.facts import Apology, ApologySet
from store.errors import LedgerTooNew
from store.ledger.codec import decode_act, encode_act
from store.undecodable import UNDECODABLE
from tests.fuzz.targets import TARGETS


def texts_spoiled(content: bytes) -> Iterator[bytes]:
    """The message with each of its bytes in turn made one that no UTF-8 begins with."""
    for at in range(len(content)):
        yield content[:at] + b"\xbe" + content[at + 1 :]


@pytest.mark.parametrize("name", TARGETS)
def test_a_text_that_is_none_is_said_no_to(name: str) -> None:
    target = TARGETS[name]
    for example in target.examples():
        for spoiled in texts_spoiled(example[:4096]):
            target.try_one(spoiled)


@pytest.mark.parametrize("name", TARGETS)
def test_what_ends_too_early_is_said_no_to_or_read_as_far_as_it_goes(name: str) -> None:
    target = TARGETS[name]
    for example in target.examples():
        for length in range(min(len(example), 256)):
            target.try_one(example[:length])


@pytest.mark.parametrize("kind", [Work, Found])
def test_the_trial_s_pipe_breaks_with_its_own_word(kind: type[Work | Found]) -> None:
    frame = b"\x9a" + b"\xa3\xa3\xa3\xa3" * 10  # a list that begins with a text of three bytes
    with pytest.raises(Broken):
        receive(io.BytesIO(len(frame).to_bytes(4, "big") + frame), kind)


def test_an_act_that_is_signed_and_no_text_is_too_new() -> None:
    act = encode_act(b"g" * 16, 1, 1, [ApologySet(Apology("Sorry"))])
    with pytest.raises(LedgerTooNew):
        decode_act(act.replace(b"Sorry", b"S\xberry"))


def test_what_does_not_end_is_undecodable_too() -> None:
    assert RecursionError in UNDECODABLE
    with pytest.raises(LedgerTooNew):
        decode_act(b"\x91" * 100_000)
