"""A bundle is read as it was written, and what is no whole bundle is refused with one sentence."""

import hashlib
import io
from collections.abc import Callable, Sequence

import msgspec
import pytest
import zstandard

from store.domain.ids import new_replica_id, new_space_id
from store.log.position import CHAIN_START, next_chain
from sync.protocol import bundle as format_
from sync.protocol.bundle import (
    MAGIC,
    BundleEnd,
    BundleHead,
    BundlePage,
    BundleRefused,
    BundleWriter,
    Frame,
    read_bundle,
)
from sync.protocol.messages import LogPosition, Row
from tests.support.pushes import change

HEAD = BundleHead(
    space=new_space_id(bytes(16)),
    name="Hut",
    person="Alice",
    device="laptop",
    replica=new_replica_id(bytes(16)),
    log=LogPosition(b"generation", 3, bytes(32)),
    made_at_ms=1_790_000_000_000,
)
ROWS = [change(title=f"Task {number}").row for number in range(5)]


def written(*pages: Sequence[Row]) -> bytes:
    file = io.BytesIO()
    with BundleWriter(file, HEAD) as bundle:
        for page in pages:
            bundle.page(list(page))
    return file.getvalue()


def sealed(stream: bytes) -> bytes:
    """A zstd stream as a file with an honest digest."""
    return MAGIC + stream + hashlib.sha256(MAGIC + stream).digest()


def packed(*frames: Frame | bytes, tail: bytes = b"") -> bytes:
    """Frames as a file with an honest digest, whatever sense they make."""
    parts = [each if isinstance(each, bytes) else msgspec.msgpack.encode(each) for each in frames]
    plain = b"".join(len(part).to_bytes(4, "big") + part for part in parts) + tail
    return sealed(zstandard.compress(plain))


def ended(*frames: Frame) -> BundleEnd:
    """An honest end of these frames."""
    rows = [row for frame in frames if isinstance(frame, BundlePage) for row in frame.rows]
    chain = CHAIN_START
    for row in rows:
        chain = next_chain(chain, row.hash)
    return BundleEnd(len(rows), chain)


def read(content: bytes, **options: int) -> list[Frame]:
    return list(read_bundle(io.BytesIO(content), **options))


def refusal(content: bytes, **options: int) -> str:
    with pytest.raises(BundleRefused) as refused:
        read(content, **options)
    text = refused.value.detail
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_what_was_written_is_read() -> None:
    head, one, two, end = read(written(ROWS[:2], ROWS[2:]))

    assert head == HEAD
    assert isinstance(one, BundlePage)
    assert isinstance(two, BundlePage)
    assert [*one.rows, *two.rows] == ROWS
    assert end == ended(HEAD, one, two)


def test_a_bundle_of_an_empty_space_is_whole() -> None:
    assert read(written()) == [HEAD, ended(HEAD)]


def test_a_bundle_cut_anywhere_is_refused() -> None:
    whole = written(ROWS)
    for length in range(len(whole)):
        assert refusal(whole[:length])


def test_a_bundle_with_any_byte_changed_is_refused() -> None:
    whole = written(ROWS)
    for at in range(len(whole)):
        assert refusal(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a bundle"),
        (b"PK\x03\x04 some archive", "not a bundle"),
        (b"\x00" * 5_000, "not a bundle"),
        (b"CAIRNB2\nwhatever", "newer Cairn"),
        (MAGIC[:4], "cut short"),
        (MAGIC, "cut short"),
        (MAGIC + bytes(range(64)), "damaged"),
        (sealed(b"\x28\xb5\x2f\xfd"), "cut short"),
        (sealed(bytes(range(64))), "damaged"),
    ],
)
def test_rubbish_is_named_as_what_it_is(content: bytes, says: str) -> None:
    assert says in refusal(content)


def _end(**other: object) -> BundleEnd:
    return msgspec.structs.replace(ended(HEAD, BundlePage(ROWS)), **other)


@pytest.mark.parametrize(
    "frames",
    [
        (),
        (HEAD,),
        (BundlePage(ROWS), ended(BundlePage(ROWS))),
        (HEAD, HEAD, ended(HEAD, HEAD)),
        (HEAD, BundlePage(ROWS), _end(rows=4)),
        (HEAD, BundlePage(ROWS), _end(chain=bytes(32))),
        (HEAD, BundlePage(ROWS[:4]), ended(HEAD, BundlePage(ROWS))),
        (HEAD, BundlePage(ROWS[::-1]), ended(HEAD, BundlePage(ROWS))),
        (HEAD, b"\xc1", ended(HEAD)),
        (HEAD, b"", ended(HEAD)),
        (HEAD, msgspec.msgpack.encode({"type": "page", "rows": []}), ended(HEAD)),
        (HEAD, msgspec.msgpack.encode({"type": "page", "rows": 7}), ended(HEAD)),
        (HEAD, msgspec.msgpack.encode({"type": "surprise"}), ended(HEAD)),
    ],
)
def test_frames_that_make_no_bundle_are_refused(frames: tuple[Frame | bytes, ...]) -> None:
    assert refusal(packed(*frames))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: whole + b"\x00",
        lambda whole: whole + whole,
        lambda whole: whole + zstandard.compress(b"more"),
    ],
)
def test_what_goes_on_after_its_end_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    assert refusal(spoil(written(ROWS)))
    assert refusal(packed(HEAD, ended(HEAD), tail=b"more"))


def test_a_small_file_that_expands_without_end_is_refused_at_its_first_frame() -> None:
    bomb = sealed(zstandard.compress(b"\xff" * (256 << 20)))
    assert len(bomb) < 64 << 10

    assert "no bundle" in refusal(bomb)


def test_a_frame_larger_than_any_that_we_write_is_not_read() -> None:
    length = (format_.FRAME_BYTES_MAX + 1).to_bytes(4, "big")

    assert "no bundle" in refusal(sealed(zstandard.compress(length + bytes(1 << 20))))


def test_the_whole_is_bounded_too() -> None:
    assert "no bundle" in refusal(written(ROWS), bytes_max=500)
