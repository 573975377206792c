"""Messages survive the way there and back, and what is no message is told apart from what is."""

import os

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from store.domain.limits import PUSH_ROWS_MAX
from sync.errors import AuthRefused, Busy, CursorMismatch, Refused, RoleRefused, SyncError
from sync.protocol import codec, fields, problems
from sync.protocol import messages as m
from sync.protocol.cursor import NotACursor, decode_cursor, encode_cursor

hashes = st.binary(min_size=32, max_size=32)
docs = st.text(max_size=64)
rows = st.builds(
    m.Row, type=st.text(max_size=32), doc=docs, hash=hashes, raw=st.binary(max_size=200)
)
positions = st.builds(
    m.LogPosition,
    generation=st.binary(min_size=1, max_size=32),
    seq=st.integers(0, fields.INT_MAX),
    chain=hashes,
)
messages = st.one_of(
    st.builds(m.Push, space=st.text(min_size=1, max_size=64), rows=st.lists(rows, max_size=5)),
    st.builds(
        m.PushReply,
        accepted=st.integers(0, fields.INT_MAX),
        duplicate=st.integers(0, 9),
        seq=st.integers(0, fields.INT_MAX),
        refused=st.lists(st.builds(m.RefusedRow, hash=hashes, doc=docs), max_size=3),
        missing=st.lists(
            st.builds(m.MissingDeps, hash=hashes, doc=docs, deps=st.lists(hashes)), max_size=3
        ),
    ),
    st.builds(
        m.Pulled,
        cursor=st.text(max_size=200),
        rows=st.lists(rows, max_size=5),
        heads_digest=hashes,
    ),
    st.builds(
        m.Differences,
        docs=st.lists(st.builds(m.DocHeads, doc=docs, heads=st.lists(hashes)), max_size=3),
    ),
)


@given(messages, st.sampled_from(codec.MEDIA_TYPES))
def test_a_message_comes_back_as_it_went(message: msgspec.Struct, media_type: str) -> None:
    body = codec.encode(message, media_type)

    assert codec.decode(body, type(message), media_type) == message


def test_a_row_calls_its_bytes_bytes_on_the_wire() -> None:
    body = codec.encode(m.Row("change", "t1", b"h" * 32, b"raw"), codec.JSON)

    assert set(msgspec.json.decode(body)) == {"type", "doc", "hash", "bytes"}


def test_fields_of_a_newer_peer_are_passed_over() -> None:
    body = msgspec.json.encode({"space": "s1", "colour": "blue"})

    assert codec.decode(body, m.SpaceQuery, codec.JSON) == m.SpaceQuery("s1")


@given(st.binary(max_size=300), st.sampled_from(codec.MEDIA_TYPES))
def test_any_bytes_are_a_message_or_malformed(body: bytes, media_type: str) -> None:
    try:
        codec.decode(body, m.Push, media_type)
    except (codec.Malformed, codec.Oversize) as error:
        assert str(error).endswith(".")  # noqa: PT017 -- both outcomes are right


@pytest.mark.parametrize(
    "fields",
    [
        {"seq": -1},
        {"seq": 2**53},
        {"seq": 2**63},
        {"seq": 2**64 - 1},
        {"seq": 1.5},
        {"seq": "1"},
        {"seq": None},
        {"chain": b"short"},
        {"generation": b""},
        {"generation": b"g" * 33},
    ],
    ids=str,
)
def test_numbers_and_hashes_out_of_bounds_are_malformed(fields: dict[str, object]) -> None:
    position = {"generation": b"g", "seq": 1, "chain": bytes(32), **fields}

    with pytest.raises(codec.Malformed):
        codec.decode(msgspec.msgpack.encode(position), m.LogPosition)


@pytest.mark.parametrize("media_type", codec.MEDIA_TYPES)
def test_deep_nesting_is_malformed_and_not_a_crash(media_type: str) -> None:
    deep = b"\x91" * 100_000 if media_type == codec.MSGPACK else b"[" * 100_000
    space = b'{"space":' if media_type == codec.JSON else b"\x81\xa5space"

    for body in (deep, space + deep):
        with pytest.raises(codec.Malformed):
            codec.decode(body, m.SpaceQuery, media_type)


@pytest.mark.parametrize("media_type", codec.MEDIA_TYPES)
def test_one_row_too_many_is_too_large_and_not_malformed(media_type: str) -> None:
    push = m.Push("s1", [m.Row("change", "t1", bytes(32), b"")] * (PUSH_ROWS_MAX + 1))

    with pytest.raises(codec.Oversize):
        codec.decode(codec.encode(push, media_type), m.Push, media_type)


@given(st.binary(max_size=5_000))
def test_a_compressed_body_comes_back_as_it_went(body: bytes) -> None:
    assert codec.expand(codec.compress(body), bytes_max=5_000) == body


def test_a_bomb_that_declares_its_size_is_cut_off() -> None:
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(64 << 20))

    with pytest.raises(codec.Oversize):
        codec.expand(bomb, bytes_max=1 << 20)


def test_a_bomb_that_hides_its_size_is_cut_off() -> None:
    squeeze = zstandard.ZstdCompressor(level=19).compressobj()
    bomb = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(64)) + squeeze.flush()

    with pytest.raises(codec.Oversize):
        codec.expand(bomb, bytes_max=1 << 20)


def test_a_frame_that_asks_for_a_huge_window_is_malformed() -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
    squeeze = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    frame = squeeze.compress(b"small") + squeeze.flush()

    with pytest.raises(codec.Malformed):
        codec.expand(frame, bytes_max=1 << 20)


def test_a_frame_that_is_cut_short_is_malformed() -> None:
    frame = codec.compress(os.urandom(1_000))

    for end in range(len(frame)):
        with pytest.raises(codec.Malformed):
            codec.expand(frame[:end], bytes_max=2_000)


def test_what_follows_a_frame_is_malformed() -> None:
    with pytest.raises(codec.Malformed):
        codec.expand(codec.compress(b"whole") + b"more", bytes_max=100)


@given(st.binary(max_size=300))
def test_any_bytes_expand_or_are_malformed(body: bytes) -> None:
    try:
        assert len(codec.expand(body, bytes_max=1_000)) <= 1_000
    except (codec.Malformed, codec.Oversize) as error:
        assert str(error).endswith(".")  # noqa: PT017 -- both outcomes are right


@given(st.binary(min_size=1, max_size=100), st.data())
def test_one_wrong_bit_is_damage(body: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(body) - 1))
    damaged = bytearray(body)
    damaged[at] ^= 1 << data.draw(st.integers(0, 7))

    codec.check_digest(body, codec.digest_of(body))
    with pytest.raises(codec.Damaged):
        codec.check_digest(bytes(damaged), codec.digest_of(body))


@pytest.mark.parametrize("stated", [None, "sha-512=:abc=:", "sha-256=:YQ==:, sha-512=:YQ==:"])
def test_a_digest_of_another_kind_passes(stated: str | None) -> None:
    codec.check_digest(b"body", stated)


@given(positions)
def test_a_cursor_comes_back_as_it_went(position: m.LogPosition) -> None:
    text = encode_cursor(position)

    assert decode_cursor(text) == position
    assert len(text) <= fields.CURSOR_CHARS_MAX


@given(st.text(max_size=120))
def test_any_text_is_a_cursor_or_is_not(text: str) -> None:
    try:
        assert encode_cursor(decode_cursor(text)) == text
    except NotACursor as error:
        assert str(error) == "not a cursor"  # noqa: PT017 -- both outcomes are right


def test_no_two_texts_are_the_same_cursor() -> None:
    text = encode_cursor(m.LogPosition(b"generation-bytes", 7, bytes(32)))

    for other in (text + "=", text + "==", text[:-1], f" {text}", text.swapcase()):
        with pytest.raises(NotACursor):
            decode_cursor(other)


@pytest.mark.parametrize("slug", problems.TYPES)
def test_every_problem_becomes_the_error_that_its_type_stands_for(slug: str) -> None:
    problem = problems.refuse(slug, "One sentence.", retry_after_s=3).problem
    sent = codec.decode(codec.encode(problem, codec.JSON), problems.Problem, codec.JSON)

    error = problems.error_from(sent)

    assert type(error) is problems.TYPES[slug].error
    assert (error.type, error.detail) == (slug, "One sentence.")
    assert isinstance(error, Busy) == problem.retryable
    assert not isinstance(error, Busy) or error.retry_after_s == 3


@pytest.mark.parametrize(
    ("status", "retryable", "expected"),
    [
        (401, False, AuthRefused),
        (403, False, RoleRefused),
        (409, False, Refused),
        (409, True, Busy),
        (429, False, Busy),
        (503, False, Busy),
        (500, False, Busy),
    ],
)
def test_a_problem_of_a_newer_server_is_judged_by_its_status(
    status: int, retryable: bool, expected: type[SyncError]
) -> None:
    problem = problems.Problem("urn:cairn:problem:of-the-future", "?", status, "?", retryable)

    assert type(problems.error_from(problem)) is expected


@pytest.mark.parametrize("seconds", [-1.0, float("inf"), float("nan"), 1e12, None])
def test_a_server_cannot_make_its_clients_wait_for_ever(seconds: float | None) -> None:
    problem = problems.Problem(f"{problems.URN}busy", "?", 503, "?", True, seconds)

    error = problems.error_from(problem)

    assert isinstance(error, Busy)
    assert error.retry_after_s is None or error.retry_after_s <= problems.RETRY_AFTER_S_MAX


def test_a_restored_history_is_told_apart_from_a_refusal() -> None:
    problem = problems.refuse("cursor-mismatch", "Another history.").problem

    assert isinstance(problems.error_from(problem), CursorMismatch)
