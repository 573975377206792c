"""What an item weighs: years of use fit, and what no examiner has room for is beyond the limit."""

from store.documents.trial import MEMORY_BYTES_MAX
from store.domain.weight import ITEM_BYTES_FOR_ACTS, ITEM_BYTES_MAX, weight_bytes

SMALL = 100 << 20  # what a process of ours takes before it has opened anything


def test_a_hundred_thousand_edits_of_five_hundred_sittings_fit() -> None:
    assert weight_bytes(changes=100_000, operations=250_000, actors=500) < ITEM_BYTES_MAX


def test_an_item_that_each_command_was_a_sitting_of_ends_sooner() -> None:
    assert weight_bytes(changes=13_000, operations=13_000, actors=13_000) < ITEM_BYTES_MAX
    assert weight_bytes(changes=15_000, operations=15_000, actors=15_000) > ITEM_BYTES_MAX


def test_whoever_examines_it_has_room_for_it_twice() -> None:
    assert 2 * (ITEM_BYTES_MAX + ITEM_BYTES_FOR_ACTS) + SMALL < MEMORY_BYTES_MAX
