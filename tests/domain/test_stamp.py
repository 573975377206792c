"""A stamp is read back as written, and a stranger's message never breaks the reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.limits import NAME_CHARS_MAX
from store.domain.stamp import AT_MS_MAX, MESSAGE_CHARS_MAX, Stamp, stamp_of

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=NAME_CHARS_MAX)


@given(person=names, device=names, at_ms=st.integers(0, AT_MS_MAX))
def test_a_stamp_is_read_back_as_it_was_written(person: str, device: str, at_ms: int) -> None:
    stamp = Stamp(person, device, at_ms)

    assert stamp_of(stamp.message(), time_s=7) == stamp


def test_the_message_is_compact_and_its_keys_keep_their_order() -> None:
    message = Stamp("Zoë", "phone", 1_764_000_000_123).message()

    assert message == '{"v":1,"person":"Zoë","device":"phone","at_ms":1764000000123}'


@pytest.mark.parametrize(
    "message",
    [
        None,
        "",
        "Fixed a typo",
        "[]",
        "[" * 4_000,
        '{"v":1,"person":"Kit","device":"phone"}',
        '{"v":2,"person":"Kit","device":"phone","at_ms":5}',
        '{"v":1,"person":"Kit","device":7,"at_ms":5}',
        '{"v":1,"person":"Kit","device":"phone","at_ms":5.0}',
        '{"v":1,"person":"Kit","device":"phone","at_ms":true}',
        '{"v":1,"person":"Kit","device":"phone","at_ms":-1}',
        '{"v":1,"person":"Kit","device":"phone","at_ms":NaN}',
        '{"v":1,"person":"\\ud800","device":"phone","at_ms":5}',
        '{"v":1,"person":"Kit","device":"phone","at_ms":' + "9" * 4_500 + "}",
        Stamp("k" * (NAME_CHARS_MAX + 1), "phone", 5).message(),
        " " * (MESSAGE_CHARS_MAX + 1),
    ],
)
def test_a_foreign_message_reads_as_nobody_at_the_time_of_the_header(message: str | None) -> None:
    assert stamp_of(message, time_s=12) == Stamp("", "", 12_000)


@pytest.mark.parametrize(
    ("time_s", "at_ms"), [(0, 0), (-5, 0), (2**62, AT_MS_MAX), (1_764_000_000, 1_764_000_000_000)]
)
def test_a_time_that_cannot_be_shown_becomes_the_nearest_that_can(time_s: int, at_ms: int) -> None:
    assert stamp_of(None, time_s).at_ms == at_ms


@given(message=st.text(), time_s=st.integers())
def test_reading_a_stamp_never_raises(message: str, time_s: int) -> None:
    assert 0 <= stamp_of(message, time_s).at_ms <= AT_MS_MAX
