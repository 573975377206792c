"""Two clocks are compared by questions and answers, and how sure that is comes along."""

import pytest

from store.domain.measures.clocks import ClockOffset, best, measured


@pytest.mark.parametrize("ahead_ms", [-3.2e11, -5.0, 0.0, 1_234.0, 3.2e11])
@pytest.mark.parametrize(("there_ms", "back_ms"), [(0.0, 0.0), (20.0, 80.0), (100.0, 0.0)])
def test_the_offset_is_known_up_to_half_of_the_way(
    ahead_ms: float, there_ms: float, back_ms: float
) -> None:
    """Whichever direction of the network is the slow one."""
    sent_ms = 1_790_000_000_000.0

    found = measured(sent_ms, there_ms + back_ms, sent_ms + there_ms + ahead_ms)

    assert found.offset_ms == pytest.approx(ahead_ms, abs=found.error_ms)
    assert found.error_ms == (there_ms + back_ms) / 2 + 1.0


def test_the_measurement_that_is_wrong_by_least_counts() -> None:
    assert best([ClockOffset(5, 40), ClockOffset(3, 2), ClockOffset(9, 80)]) == ClockOffset(3, 2)


def test_of_two_alike_the_newer_one_counts() -> None:
    assert best([ClockOffset(5, 2), ClockOffset(3, 2)]) == ClockOffset(3, 2)


def test_a_clock_that_was_set_contradicts_what_was_measured_before() -> None:
    before = ClockOffset(0, 50)

    assert not ClockOffset(90, 50).contradicts(before), "both may be right"
    assert ClockOffset(3_600_000, 50).contradicts(before)
    assert ClockOffset(-3_600_000, 50).contradicts(before)
