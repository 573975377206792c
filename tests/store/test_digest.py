"""Digests are equal where people see the same, and only there."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from store import peers
from store.database import Database
from store.digest import digest
from store.documents.state import DocState, Settled
from store.log import LogWriter, create_space
from store.projections import project, project_many, remember_listed
from store.rows import Digest
from tests.store.building import (
    HOME,
    NOW_MS,
    OTHER,
    SERVER_PEER,
    change,
    conflict,
    database,
    doc,
    event,
    first_change,
    log_one,
    state_of,
)

ROPE = doc("rope")
DIARY = doc("diary", "note")
SETTLED = conflict(ROPE, "due", settled=Settled("Bob", "phone", NOW_MS, None))
BASE = state_of(
    ROPE,
    body="Sixty metres.",
    tags=("climb",),
    events=(event("start"),),
    conflicts=(conflict(ROPE),),
    settled=(SETTLED,),
)


def digest_of(db: Database) -> Digest:
    with db.read() as conn:
        return digest(conn, HOME)


def view(db: Database, *states: DocState) -> str:
    with db.write() as conn:
        project_many(conn, HOME, states)
    return digest_of(db).view


def test_the_digest_of_an_empty_space_is_that_of_nothing(db: Database) -> None:
    nothing = hashlib.sha256(b"").hexdigest()
    empty_list = hashlib.sha256(b"[]").hexdigest()

    assert digest_of(db) == Digest(heads=nothing, view=empty_list, docs=0, changes=0)


def test_the_view_is_canonical_json_of_the_documents_by_id(db: Database) -> None:
    plain = [state_of(each, title=each[:3]) for each in (ROPE, DIARY)]
    documents = [
        {
            "assignee": None, "body": "", "conflicts": [], "created_at_ms": NOW_MS, "doc": each.doc,
            "due": None, "events": [], "kind": each.kind, "list": None, "moved_to": None,
            "order_key": None, "parent": None, "pinned": 0, "priority": None, "purged": 0,
            "repeat": None, "source": None, "state": each.state, "tags": [],
            "title": each.fields["title"], "trashed": 0, "updated_at_ms": NOW_MS,
        }
        for each in sorted(plain, key=lambda state: state.doc)
    ]  # fmt: skip
    text = json.dumps(documents, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert view(db, *plain) == hashlib.sha256(text.encode()).hexdigest()


def test_heads_are_lines_of_a_document_and_its_sorted_heads(db: Database) -> None:
    ours, theirs = first_change(ROPE), first_change(ROPE, actor=b"bob")
    only = first_change(DIARY)
    with db.write() as conn, LogWriter(conn, HOME, now_ms=NOW_MS) as log:
        for of, each in ((ROPE, ours), (ROPE, theirs), (DIARY, only)):
            log.append(of, each, origin=None)

    both = " ".join(sorted((ours.hash.hex(), theirs.hash.hex())))
    lines = sorted([f"{ROPE} {both}\n", f"{DIARY} {only.hash.hex()}\n"])
    now = digest_of(db)
    assert now.heads == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert (now.docs, now.changes) == (2, 3)


CHANGES: dict[str, Callable[[DocState], DocState]] = {
    "title": lambda was: replace(was, fields={"title": "Buy cord"}),
    "due": lambda was: replace(was, fields={**was.fields, "due": "2026-11-23"}),
    "tag": lambda was: replace(was, tags=("climb", "hut")),
    "order": lambda was: replace(was, order="a1"),
    "body": lambda was: replace(was, body="Sixty metres!"),
    "state": lambda was: replace(was, state="done"),
    "trash": lambda was: replace(was, trashed=True),
    "purge": lambda was: replace(was, purged=True),
    "an event": lambda was: replace(was, events=(*was.events, event("done"))),
    "why an event was not applied": lambda was: replace(was, events=(event("start", why="x"),)),
    "the time of the last change": lambda was: replace(was, updated_at_ms=1),
    "an open conflict": lambda was: replace(was, conflicts=()),
    "a settled conflict": lambda was: replace(was, settled=()),
    "who settled": lambda was: replace(
        was, settled=(replace(SETTLED, settled=Settled("Carol", "phone", NOW_MS, None)),)
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_every_difference_that_a_person_sees_is_a_difference_of_the_view(
    db: Database, what: str
) -> None:
    before = view(db, BASE)

    assert view(db, CHANGES[what](BASE)) != before
    assert view(db, BASE) == before


def test_the_order_of_arrival_makes_no_difference(db: Database, tmp_path: Path) -> None:
    states = [BASE, state_of(DIARY), state_of(doc("stove"), trashed=True)]
    here = view(db, *states)

    with database(tmp_path / "other") as other:
        for state in reversed(states):
            with other.write() as conn:
                project(conn, HOME, state)
        assert digest_of(other).view == here


def test_what_differs_from_device_to_device_is_not_in_the_view(db: Database) -> None:
    log_one(db, ROPE)
    before = view(db, BASE)
    with db.write() as conn:
        peers.attach_peer(conn, SERVER_PEER, HOME, url="https://x", token="t", role="editor")
        peers.park(
            conn,
            HOME,
            ROPE,
            first_change(ROPE).hash,
            reason="r",
            detail=None,
            peer=SERVER_PEER,
            now_ms=NOW_MS,
        )
        remember_listed(conn, [conflict(ROPE).id])

    assert digest_of(db).view == before


def test_another_space_makes_no_difference(db: Database) -> None:
    before = digest_of(db)
    stove: Any = doc("stove")
    with db.write() as conn:
        create_space(conn, OTHER, "Work", b"g", NOW_MS, "local")
        with LogWriter(conn, OTHER, now_ms=NOW_MS) as log:
            log.append(stove, first_change(stove), origin=None)
        project(conn, OTHER, state_of(stove, conflicts=(conflict(stove),)))

    assert digest_of(db) == before


def test_a_document_whose_changes_were_all_withdrawn_is_not_in_the_heads(db: Database) -> None:
    before = digest_of(db)
    one = first_change(ROPE)
    with db.write() as conn, LogWriter(conn, HOME, now_ms=NOW_MS) as log:
        log.append(ROPE, one, origin=None)
        log.append(ROPE, change(one.hash, seq=2), origin=None)
        log.withdraw(ROPE, [one.hash])

    assert digest_of(db) == before
