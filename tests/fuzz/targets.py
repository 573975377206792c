"""The decoders, what each may raise, and good examples to begin from."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from store.doctor.pages import Pages, Unreadable
from store.documents.inspect import ChangeRefused, inspect_change
from store.documents.trial_wire import Broken, Found, Work, receive
from store.domain.errors import DomainError
from store.domain.ids import parse_doc_id, parse_replica_id, parse_space_id
from store.errors import StoreError
from store.ledger.codec import decode_act, decode_row
from sync.client.link import InviteLink, build_link, parse_link
from sync.errors import SyncError
from sync.protocol import codec, routes
from sync.protocol import messages as m
from sync.protocol.bundle import BundleRefused, read_bundle
from sync.protocol.cursor import NotACursor, decode_cursor, encode_cursor
from sync.protocol.wire import WireResponse, read_response
from tests.support.pushes import change, some_replica, some_space

BYTES_MAX: Final = 1 << 20


@dataclass(frozen=True)
class Target:
    """One decoder.

    Attributes:
        decode: takes bytes; texts are read as UTF-8 with what isn't replaced.
        may_raise: how it says no. Anything else is a fault.
        examples: what it reads.
    """

    decode: Callable[[bytes], object]
    may_raise: tuple[type[Exception], ...]
    examples: Callable[[], Iterator[bytes]]

    def try_one(self, content: bytes) -> None:
        """Decode; what it may not raise goes through."""
        try:
            self.decode(content)
        except self.may_raise:
            return


def _messages(content: bytes) -> None:
    """Read one body as every message that a server takes, in both encodings."""
    failures: list[Exception] = []
    for route in routes.ALL:
        for shape in (route.body, route.reply):
            for media_type in codec.MEDIA_TYPES:
                if shape is not None:
                    try:
                        codec.decode(content, shape, media_type)
                    except (codec.Malformed, codec.Oversize) as no:
                        failures.append(no)
    assert failures, "no bytes are all messages at once"


def _example_messages() -> Iterator[bytes]:
    made = change()
    push = m.Push(some_space(), [made.row, made.row])
    pulled = m.Pulled("cursor", [made.row], False, bytes(32), [1], [2])
    for message in (push, pulled, m.LogPosition(b"g" * 16, 3, bytes(32))):
        for media_type in codec.MEDIA_TYPES:
            yield codec.encode(message, media_type)


def _answer(content: bytes) -> None:
    """Read bytes as an answer: a good one, a problem, or a proxy's page; what its head says too."""
    status, body = 200 + content[0] if content else 200, content[1:]
    headers = {"content-type": (codec.MSGPACK, codec.PROBLEM, "text/html")[len(body) % 3]}
    if len(body) % 2:
        headers["content-encoding"] = "zstd"
    read_response(WireResponse(status, headers, body), m.Pulled)


def _example_answers() -> Iterator[bytes]:
    for body in _example_messages():
        yield b"\0" + body
        yield b"\0" + codec.compress(body)


def _example_changes() -> Iterator[bytes]:
    made = change(title="söup 茶" * 40)
    yield made.raw
    yield change(after=made, key="due").raw


def _bundle(content: bytes) -> None:
    for _ in read_bundle(io.BytesIO(content), bytes_max=BYTES_MAX):
        pass


def _pages(content: bytes) -> None:
    for _ in Pages(content).records():
        pass


def _example_pages() -> Iterator[bytes]:
    import sqlite3

    with sqlite3.connect(":memory:") as conn:
        conn.execute("CREATE TABLE t (a, b, c)")
        conn.executemany("INSERT INTO t VALUES (?, ?, ?)", [(n, "x" * n, b"y") for n in range(90)])
        conn.commit()
        yield conn.serialize()
    conn.close()


def _ids(content: bytes) -> None:
    text = _text(content)
    for parse in (parse_doc_id, parse_space_id, parse_replica_id):
        try:
            parse(text)
        except DomainError:
            continue


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")


def _example_links() -> Iterator[bytes]:
    link = InviteLink("http://127.0.0.1:8000", some_space(), "s" * 43)
    yield build_link(link).encode()


def _work(content: bytes) -> None:
    receive(io.BytesIO(content), Work)


def _found(content: bytes) -> None:
    receive(io.BytesIO(content), Found)


def _nothing() -> Iterator[bytes]:
    yield b""
    yield bytes(64)


TARGETS: Final[dict[str, Target]] = {
    "changes": Target(inspect_change, (ChangeRefused,), _example_changes),
    "messages": Target(_messages, (), _example_messages),
    "answers": Target(_answer, (SyncError,), _example_answers),
    "frames": Target(
        lambda content: codec.expand(content, bytes_max=BYTES_MAX),
        (codec.Malformed, codec.Oversize),
        lambda: map(codec.compress, _example_messages()),
    ),
    "cursors": Target(
        lambda content: decode_cursor(_text(content)),
        (NotACursor,),
        lambda: iter([encode_cursor(m.LogPosition(b"g" * 16, 3, bytes(32))).encode()]),
    ),
    "bundles": Target(_bundle, (BundleRefused,), _nothing),
    "acts": Target(decode_act, (StoreError,), _nothing),
    "rows of acts": Target(decode_row, (StoreError,), _nothing),
    "links": Target(
        lambda content: parse_link(_text(content)), (SyncError, DomainError), _example_links
    ),
    "ids": Target(_ids, (), lambda: iter([some_space().encode(), some_replica().encode()])),
    "pages": Target(_pages, (Unreadable,), _example_pages),
    "work for the examiner": Target(_work, (Broken,), _nothing),
    "what it found": Target(_found, (Broken,), _nothing),
}
