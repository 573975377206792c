"""How a replica finds out what differs: it compares digests, then ranges, heads and changes."""

import pytest

from store.domain.ids import SpaceId
from store.log import fingerprint
from sync.errors import BadRequest
from sync.protocol import messages as m
from sync.protocol import routes
from sync.server import limits
from tests.support.asking import Member, create_space
from tests.support.memory_server import MemoryServer
from tests.support.pushes import change

TOP = "~"


async def all_differences(
    member: Member, ranges: list[m.Range]
) -> tuple[dict[str, list[bytes]], int]:
    """Walk down to the documents of all ranges that differ from nothing; count the questions."""
    docs: dict[str, list[bytes]] = {}
    asked = 0
    while ranges:
        found = await member.ask(routes.HEADS, m.Ranges(member.space, ranges[:256]))
        asked += 1
        docs.update({one.doc: one.heads for one in found.docs})
        ranges = [*found.ranges, *ranges[256:]]
        ranges = [m.Range(one.lo, one.hi, bytes(32), 0) for one in ranges]
    return docs, asked


def whole(digest: bytes = bytes(32), count: int = 0) -> m.Range:
    """The range of all documents."""
    return m.Range("", TOP, digest, count)


async def test_the_end_of_the_log_carries_its_digest(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    await alice.push(*[change() for _ in range(3)])

    pulled = await bob.pull()

    with server.db.read() as conn:
        assert pulled.heads_digest == fingerprint(conn, alice.space, "", TOP)[0]
    assert pulled.heads_digest == (await bob.hello()).heads_digest


async def test_equal_ranges_are_answered_with_nothing(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    await alice.push(*[change() for _ in range(5)])
    with server.db.read() as conn:
        digest, count = fingerprint(conn, alice.space, "", TOP)

    found = await bob.ask(routes.HEADS, m.Ranges(bob.space, [whole(digest, count)]))

    assert found == m.Differences()


async def test_a_small_range_that_differs_is_listed_with_heads(alice: Member, bob: Member) -> None:
    made = [change() for _ in range(5)]
    await alice.push(*made)

    found = await bob.ask(routes.HEADS, m.Ranges(bob.space, [whole()]))

    assert {one.doc: one.heads for one in found.docs} == {one.doc: [one.hash] for one in made}
    assert [(one.lo, one.hi, one.count) for one in found.listed] == [("", TOP, 5)]
    assert found.ranges == []


async def test_a_range_that_is_empty_here_is_listed_as_empty(bob: Member) -> None:
    found = await bob.ask(routes.HEADS, m.Ranges(bob.space, [whole(b"d" * 32, 3)]))

    assert found == m.Differences(listed=[whole()])


async def test_a_large_range_is_split_into_parts_that_cover_it(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    made = [change() for _ in range(300)]
    await alice.push(*made)

    found = await bob.ask(routes.HEADS, m.Ranges(bob.space, [whole()]))

    assert len(found.ranges) == limits.SPLIT_RANGES
    assert sum(one.count for one in found.ranges) == 300
    bounds = [found.ranges[0].lo, *[one.hi for one in found.ranges]]
    assert bounds == ["", *[one.lo for one in found.ranges[1:]], TOP]
    total = sum(int.from_bytes(one.digest, "big") for one in found.ranges) % 2**256
    with server.db.read() as conn:
        assert total.to_bytes(32, "big") == fingerprint(conn, alice.space, "", TOP)[0]


async def test_walking_down_finds_every_document(alice: Member, bob: Member) -> None:
    made = [change() for _ in range(1_100)]
    for at in range(0, 1_100, 500):
        await alice.push(*made[at : at + 500])

    docs, asked = await all_differences(bob, [whole()])

    assert docs == {one.doc: [one.hash] for one in made}
    assert asked <= 4


async def test_one_difference_among_many_is_found_in_three_questions(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    made = [change() for _ in range(500)]
    await alice.push(*made)
    one = made[123]
    before = _prints(server, alice.space)
    await alice.push(change(after=one, key="due"))

    ranges, asked, docs = [whole(*before("", TOP))], 0, []
    while ranges:
        found = await bob.ask(routes.HEADS, m.Ranges(bob.space, ranges))
        asked += 1
        docs += found.docs
        own = [m.Range(r.lo, r.hi, *before(r.lo, r.hi)) for r in found.ranges]
        ranges = [r for r, theirs in zip(own, found.ranges, strict=True) if r != theirs]

    assert asked <= 3
    assert len(docs) <= limits.LIST_DOCS_MAX
    assert one.doc in [found.doc for found in docs]


def _prints(server: MemoryServer, space: SpaceId):  # type: ignore[no-untyped-def]
    """Remember the documents as they are now, to take fingerprints of them later."""
    import hashlib

    with server.db.read() as conn:
        rows = conn.execute("SELECT id, heads FROM doc WHERE space = ?", (space,)).fetchall()

    def fingerprint_of(lo: str, hi: str) -> tuple[bytes, int]:
        digests = [
            int.from_bytes(hashlib.sha256(doc.encode() + heads).digest(), "big")
            for doc, heads in rows
            if lo <= doc < hi
        ]
        return (sum(digests) % 2**256).to_bytes(32, "big"), len(digests)

    return fingerprint_of


@pytest.mark.parametrize(
    "bounds",
    [[("b", "a")], [("a", "a")], [("a", "c"), ("b", "d")], [("c", "d"), ("a", "b")]],
    ids=["backwards", "empty", "overlapping", "out of order"],
)
async def test_ranges_that_would_be_walked_twice_are_malformed(
    bob: Member, bounds: list[tuple[str, str]]
) -> None:
    ranges = [m.Range(lo, hi, bytes(32), 0) for lo, hi in bounds]

    with pytest.raises(BadRequest):
        await bob.ask(routes.HEADS, m.Ranges(bob.space, ranges))


async def test_changes_beyond_heads_come_causes_first(alice: Member, bob: Member) -> None:
    first = change()
    second = change(after=first, key="due")
    third = change(after=second, key="list")
    beside = change(first.doc, key="priority")
    await alice.push(first, second, third, beside)

    async def beyond(*heads: bytes) -> list[bytes]:
        wanted = m.Wanted(bob.space, [m.DocHeads(first.doc, list(heads))])
        return [row.hash for row in (await bob.ask(routes.CHANGES, wanted)).rows]

    assert await beyond() == [first.hash, second.hash, third.hash, beside.hash]
    assert await beyond(second.hash) == [third.hash, beside.hash]
    assert await beyond(third.hash, beside.hash) == []
    assert await beyond(b"unknown hash of thirty-two bytes") == await beyond()


async def test_changes_are_given_even_to_whom_they_came_from(alice: Member) -> None:
    rope = change()
    await alice.push(rope)

    found = await alice.ask(routes.CHANGES, m.Wanted(alice.space, [m.DocHeads(rope.doc, [])]))

    assert found.rows == [rope.row]


async def test_changes_come_in_pages_too(alice: Member, bob: Member) -> None:
    made = [change() for _ in range(501)]
    await alice.push(*made[:500])
    await alice.push(made[500])
    wanted = m.Wanted(bob.space, [m.DocHeads(one.doc, []) for one in made])

    first = await bob.ask(routes.CHANGES, wanted)
    got = {row.doc: [row.hash] for row in first.rows}
    rest = await bob.ask(
        routes.CHANGES,
        m.Wanted(bob.space, [m.DocHeads(one.doc, got.get(one.doc, [])) for one in made]),
    )

    assert (len(first.rows), first.more, len(rest.rows), rest.more) == (500, True, 1, False)


async def test_documents_of_another_space_are_not_given(alice: Member) -> None:
    second = await create_space(alice.transport, None, token=alice.token)
    rope = change()
    await second.push(rope)

    found = await alice.ask(routes.CHANGES, m.Wanted(alice.space, [m.DocHeads(rope.doc, [])]))

    assert found.rows == []


@pytest.mark.parametrize("docs", [["rope"], [""], ["t1" + "a" * 26] * 2])
async def test_wanting_what_is_no_document_or_twice_is_malformed(
    bob: Member, docs: list[str]
) -> None:
    with pytest.raises(BadRequest):
        await bob.ask(routes.CHANGES, m.Wanted(bob.space, [m.DocHeads(doc, []) for doc in docs]))
