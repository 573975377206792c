"""Honest histories, and changes in them that were tampered with behind a sound checksum."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from store.documents.chunk import read_header
from store.documents.inspect import ChangeRefused, InspectedChange, inspect_change
from store.documents.schema import genesis_hash
from tests.documents.changes import NOTE, body_of, edited_at_random, reframed


@dataclass(frozen=True, slots=True)
class Tampered:
    """A change that was tampered with, in the history that it comes from.

    Attributes:
        change: what became of it.
        ancestors: the honest changes that it says it follows, and theirs.
        others: honest changes beside these: none is the original, or follows it.
    """

    change: InspectedChange
    ancestors: tuple[InspectedChange, ...]
    others: tuple[InspectedChange, ...]


def honest_changes(choose: Random) -> list[InspectedChange]:
    """Give the changes of a note after genesis, each after those that it follows."""
    document = edited_at_random(choose, edits=choose.randint(3, 10))
    return [inspect_change(bytes(c.raw_bytes)) for c in document.get_changes([])][1:]


def ancestors_of(
    change: InspectedChange, changes: Sequence[InspectedChange]
) -> tuple[InspectedChange, ...]:
    """Find all that a change follows, step by step."""
    found: set[bytes] = set(change.deps)
    for each in reversed(changes):
        if each.hash in found:
            found.update(each.deps)
    return tuple(each for each in changes if each.hash in found)


def tampered(choose: Random, changes: Sequence[InspectedChange]) -> Tampered | None:
    """Tamper with one of the changes; None if the inspector sees it, or nothing came of it."""
    at = choose.randrange(len(changes))
    original = changes[at]
    body = bytearray(body_of(original.raw))
    others_at = read_header(bytes(body), deps_max=1_000).others_at
    for _ in range(choose.choice([1, 1, 2, 3])):
        first = choose.choice([0, others_at, len(body) - min(60, len(body) - 1)])
        index = choose.randrange(first, len(body))
        body[index] = choose.choice([choose.randrange(256), body[index] ^ 1, body[index] ^ 3])
    try:
        change = inspect_change(reframed(bytes(body)))
    except ChangeRefused:
        return None
    known = {genesis_hash(NOTE), *(each.hash for each in changes)}
    if change.hash == original.hash or not known.issuperset(change.deps):
        return None
    without: set[bytes] = {original.hash}
    others = []
    for each in changes:
        is_same_number = (each.actor, each.seq) == (change.actor, change.seq)
        if each.hash in without or is_same_number or not without.isdisjoint(each.deps):
            without.add(each.hash)
        else:
            others.append(each)
    ancestors = ancestors_of(change, changes)
    if not {each.hash for each in ancestors}.isdisjoint(without):
        return None
    kept = {each.hash for each in ancestors}
    return Tampered(change, ancestors, tuple(each for each in others if each.hash not in kept))
