"""Acts of the ledger as bytes: facts with a tag each, in MessagePack, signed by the authority.

    row     Signed: the act's bytes and an Ed25519 signature (RFC 8032) over them and the space
    act     Act: the ledger's generation, the act's number in it, time, facts

A row's hash is the SHA-256 of its bytes. Bytes are checked before they are believed: the signature
first, then every field's type.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from store.domain.ledger import facts
from store.errors import LedgerDamaged, LedgerTooNew
from store.undecodable import UNDECODABLE

_FACTS: Final[dict[str, type[Any]]] = {
    "account": facts.AccountOpened,
    "enter": facts.Entered,
    "resolve": facts.Resolved,
    "item": facts.ItemSet,
    "reservation": facts.ReservationSet,
    "lease": facts.LeaseSet,
    "saga": facts.SagaSet,
    "apology": facts.ApologySet,
    "decided": facts.Decided,
    "notice": facts.Noticed,
    "anew": facts.BegunAnew,
}
_FACT_TAGS: Final = {kind: tag for tag, kind in _FACTS.items()}


class Signed(msgspec.Struct, frozen=True, array_like=True):
    """The bytes of an act, and the authority's signature."""

    body: bytes
    signature: bytes


class Act(msgspec.Struct, frozen=True, array_like=True):
    """What one decision came to.

    Attributes:
        generation: of the ledger; another one after a restore.
        n: number of the act in the generation, from 1.
        at_ms: the authority's clock.
        facts: tag and content of each.
    """

    generation: bytes
    n: int
    at_ms: int
    facts: tuple[tuple[str, msgspec.Raw], ...]


_encoder: Final = msgspec.msgpack.Encoder()


def encode_act(generation: bytes, n: int, at_ms: int, told: Sequence[facts.Fact]) -> bytes:
    """Write an act."""
    tagged = [(_FACT_TAGS[type(fact)], fact) for fact in told]
    return _encoder.encode((generation, n, at_ms, tagged))


def decode_act(body: bytes) -> tuple[Act, list[facts.Fact]]:
    """Read the bytes of a signed act and its facts; raises LedgerTooNew where it can't be read."""
    try:
        act = msgspec.msgpack.decode(body, type=Act)
        return act, [_fact(tag, raw) for tag, raw in act.facts]
    except (*UNDECODABLE, KeyError) as error:
        raise LedgerTooNew(str(error)) from error


def _fact(tag: str, raw: msgspec.Raw) -> facts.Fact:
    fact: facts.Fact = msgspec.msgpack.decode(raw, type=_FACTS[tag])
    return fact


def encode_row(body: bytes, signature: bytes) -> bytes:
    """Write a row of the log."""
    return _encoder.encode(Signed(body, signature))


def decode_row(raw: bytes) -> Signed:
    """Read a row of the log; raises LedgerDamaged."""
    try:
        return msgspec.msgpack.decode(raw, type=Signed)
    except UNDECODABLE as error:
        raise LedgerDamaged(f"a row of it can't be read ({error})") from error


def row_hash(raw: bytes) -> bytes:
    """The hash by which a row is known."""
    return hashlib.sha256(raw).digest()
