"""Quantiles come out within the stated error, whatever the order and however they were summed."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.measures.sketch import (
    BUCKETS_MAX,
    RELATIVE_ERROR,
    VALUE_MS_MAX,
    Sketch,
    bucket_of,
    value_of,
)

durations = st.lists(st.floats(0, VALUE_MS_MAX), min_size=1, max_size=200)


def sketched(values: list[float]) -> Sketch:
    sketch = Sketch()
    for value in values:
        sketch.add(value)
    return sketch


def exact(values: list[float], part: float) -> float:
    """The smallest value that a part of all does not exceed."""
    return sorted(values)[math.ceil(part * len(values)) - 1]


@given(durations, st.sampled_from([0.01, 0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_off_by_five_percent_or_a_millisecond_at_most(
    values: list[float], part: float
) -> None:
    found = sketched(values).quantile(part)

    assert found is not None
    assert found == pytest.approx(exact(values, part), rel=RELATIVE_ERROR + 1e-9, abs=1.0)


@given(durations, durations)
def test_two_sketches_merge_into_the_sketch_of_all(one: list[float], other: list[float]) -> None:
    merged = sketched(one)
    merged.merge(sketched(other))

    assert merged.counts == sketched([*other, *one]).counts


@given(durations)
def test_a_sketch_is_the_same_after_being_written_and_read(values: list[float]) -> None:
    sketch = sketched(values)

    assert Sketch.decode(sketch.encode()).counts == sketch.counts


def test_of_nothing_there_is_no_quantile() -> None:
    assert Sketch().quantile(0.5) is None


def test_a_duration_below_zero_is_none_at_all() -> None:
    assert sketched([-5.0]).quantile(0.5) == 0.0


def test_the_buckets_are_bounded() -> None:
    assert bucket_of(VALUE_MS_MAX * 1_000) <= BUCKETS_MAX
    assert value_of(bucket_of(VALUE_MS_MAX)) == pytest.approx(VALUE_MS_MAX, rel=RELATIVE_ERROR)


def test_a_million_durations_take_no_more_space_than_the_buckets() -> None:
    rng = random.Random(1)
    sketch = sketched([rng.lognormvariate(5, 3) for _ in range(20_000)])

    assert len(sketch.counts) <= BUCKETS_MAX


@pytest.mark.parametrize("text", ["1", "1:x", "-1:2", "3:0", "99999:1"])
def test_what_is_no_sketch_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"sketch|invalid literal"):
        Sketch.decode(text)
