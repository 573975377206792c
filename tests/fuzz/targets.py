"""The decoders, what each may raise, and good examples to begin from."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import zstandard

from store.database.connection import Database
from store.database.roles import SERVER
from store.doctor.pages import Pages, Unreadable
from store.documents.inspect import ChangeRefused, inspect_change
from store.documents.trial_wire import Broken, Found, FoundDoc, Work, WorkDoc, receive, send
from store.domain.errors import DomainError, InvalidValue
from store.domain.ids import parse_doc_id, parse_replica_id, parse_space_id
from store.domain.ledger.commands import (
    AddBudget,
    AddItem,
    Book,
    Command,
    Deposit,
    Fee,
    SetApology,
    TakeQuota,
    Wanted,
)
from store.domain.ledger.policies import Policy
from store.errors import StoreError
from store.ledger.codec import decode_act, decode_row, encode_act, encode_row
from store.ledger.command_codec import decode_command, encode_command
from store.members.codec import Body, NotAStatement, read_statement, write_statement
from store.members.signing import Keys
from sync.client.link import InviteLink, build_link, parse_link
from sync.errors import SyncError
from sync.protocol import codec, routes
from sync.protocol import messages as m
from sync.protocol.bundle import MAGIC, BundleHead, BundleRefused, BundleWriter, read_bundle
from sync.protocol.cursor import NotACursor, decode_cursor, encode_cursor
from sync.protocol.wire import WireResponse, read_response
from tests.support.desk import ANN, Desk
from tests.support.pushes import change, some_replica, some_space

BYTES_MAX: Final = 1 << 20
_SPACE: Final = some_space()


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


def _example_acts() -> Iterator[bytes]:
    with TemporaryDirectory() as folder:
        db = Database(Path(folder) / "server.db", SERVER)
        with db.write() as conn:
            desk = Desk(conn)
            for command in _asked():
                yield encode_act(b"g" * 16, 1, 1, desk.ask(ANN, command))
        db.close()


def _asked() -> Iterator[Command]:
    item, kitty, hut = "i" + "a" * 26, "b" + "a" * 26, "b" + "b" * 25 + "a"
    yield AddItem(item, "Tent", 5, Policy("escrow"))
    yield AddBudget(kitty, "Kitty", "EUR")
    yield AddBudget(hut, "Hut", "EUR")
    yield Deposit("x" + "a" * 26, kitty, 100, "EUR")
    yield TakeQuota("x" + "b" * 25 + "a", item, 2)
    yield SetApology("Söry")
    yield Book("g" + "a" * 26, "Trip", (Wanted(item, 2),), Fee(kitty, hut, 70, "EUR"))


def _example_statements() -> Iterator[bytes]:
    keys = Keys(b"k" * 32)
    body = Body(keys.public, some_replica(), "Ann", "phone", "owner", False, 1, 0)
    yield write_statement(keys, _SPACE, body)


def _example_bundles() -> Iterator[bytes]:
    file = io.BytesIO()
    end = m.LogPosition(b"g" * 16, 1, bytes(32))
    head = BundleHead(_SPACE, "Trip", "Ann", "phone", some_replica(), end, 0)
    with BundleWriter(file, head, Keys(b"k" * 32)) as writer:
        writer.page([change().row])
    yield file.getvalue()


def _inside_bundle(content: bytes) -> None:
    """Read bytes as what a bundle holds, under its packing and its digest."""
    data = MAGIC + codec.compress(content)
    _bundle(data + hashlib.sha256(data).digest())


def _example_insides() -> Iterator[bytes]:
    for whole in _example_bundles():
        packed = whole[len(MAGIC) : -hashlib.sha256().digest_size]
        yield zstandard.ZstdDecompressor().decompressobj().decompress(packed)


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


def _sent(message: Work | Found) -> Iterator[bytes]:
    pipe = io.BytesIO()
    send(pipe, message)
    yield pipe.getvalue()


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
    "bundles": Target(_bundle, (BundleRefused,), _example_bundles),
    "what bundles hold": Target(_inside_bundle, (BundleRefused,), _example_insides),
    "acts": Target(decode_act, (StoreError,), _example_acts),
    "rows of acts": Target(
        decode_row,
        (StoreError,),
        lambda: (encode_row(act, b"s" * 64) for act in _example_acts()),
    ),
    "commands": Target(
        decode_command, (InvalidValue,), lambda: (encode_command(one) for one in _asked())
    ),
    "statements": Target(
        lambda content: read_statement(_SPACE, content), (NotAStatement,), _example_statements
    ),
    "links": Target(
        lambda content: parse_link(_text(content)), (SyncError, DomainError), _example_links
    ),
    "ids": Target(_ids, (), lambda: iter([some_space().encode(), some_replica().encode()])),
    "pages": Target(_pages, (Unreadable,), _example_pages),
    "work for the examiner": Target(
        _work, (Broken,), lambda: _sent(Work([WorkDoc("t1", [b"new"], [b"base"])], 10))
    ),
    "what it found": Target(
        _found, (Broken,), lambda: _sent(Found([FoundDoc(False, "no", [(b"hash", "söup")])]))
    ),
}
