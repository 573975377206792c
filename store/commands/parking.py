"""Three ways out for an item whose changes were refused: retry, take back, save as new (D20).

Taking back makes the document again without the refused changes and what follows them. Their rows
stay in the log, so that its chain holds, as `withdrawn`: no document is made of them and nobody is
offered them. What they said is kept as a draft.
"""

import sqlite3
from collections.abc import Sequence

from store import log, peers
from store.commands.checks import ensure_writable
from store.commands.content import Content
from store.commands.drafting import save_draft
from store.commands.placing import key_at_end
from store.commands.unit_of_work import UnitOfWork
from store.documents.schema import genesis_hash
from store.domain.errors import NotFound
from store.domain.fields import SCALAR_FIELDS, Scalar
from store.domain.ids import DocId, SpaceId, kind_of
from store.log.position import join_hashes, moved_digest, split_hashes


def retry(act: UnitOfWork, doc_id: DocId) -> None:
    """Offer an item's refused changes once more; raises NotFound if none was."""
    _refused(act.conn, doc_id)
    peers.offer_again(act.conn, act.space_of(doc_id), doc_id)


def take_back(act: UnitOfWork, doc_id: DocId) -> None:
    """Make an item again without its refused changes; its text stays as a draft."""
    refused = _refused(act.conn, doc_id)
    space = act.space_of(doc_id)
    text = act.state(doc_id).body
    _withdraw(act.conn, space, doc_id, refused)
    peers.unpark(act.conn, space, doc_id)
    act.cache.drop(doc_id)
    act.touched[doc_id] = space
    without = act.open(doc_id)
    if text != without.state().body:
        save_draft(act.conn, doc_id, text, without.heads, space=space, now_ms=act.stamp.at_ms)


def salvage(act: UnitOfWork, doc_id: DocId) -> DocId:
    """Save what an item says now as a new one, then take the old one's refused changes back."""
    _refused(act.conn, doc_id)
    space = act.space_of(doc_id)
    ensure_writable(act.conn, space)
    state = act.state(doc_id)
    fields: dict[str, Scalar] = {
        name: value
        for name in SCALAR_FIELDS[kind_of(doc_id)]
        if (value := state.fields.get(name)) is not None
    }
    entries: dict[str, dict[str, Scalar]] = {"tags": dict.fromkeys(state.tags, True)}
    if state.kind == "task":
        entries["order"] = {act.new_event_id(): key_at_end(act.conn, space)}
    copy = act.create(space, kind_of(doc_id), Content(fields, entries, state.body))
    take_back(act, doc_id)
    act.conn.execute("DELETE FROM draft WHERE doc = ?", (doc_id,))
    return copy


def _refused(conn: sqlite3.Connection, doc_id: DocId) -> list[bytes]:
    rows = conn.execute("SELECT hash FROM parked WHERE doc = ?", (doc_id,)).fetchall()
    if not rows:
        raise NotFound("Nothing of this item was refused; `cairn parked` lists what was.")
    return [row[0] for row in rows]


def _withdraw(
    conn: sqlite3.Connection, space: SpaceId, doc_id: DocId, refused: Sequence[bytes]
) -> None:
    gone = set(refused)
    for row in log.doc_rows(conn, doc_id):  # causes come before their effects
        if gone.intersection(row.deps):
            gone.add(row.hash)
    conn.executemany(
        "UPDATE log SET type = 'withdrawn' WHERE space = ? AND hash = ?",
        [(space, change) for change in gone],
    )
    conn.execute("DELETE FROM snapshot WHERE doc = ?", (doc_id,))
    left = log.doc_rows(conn, doc_id)
    heads: set[bytes] = set()
    is_linear, last = True, genesis_hash(doc_id)
    for row in left:
        is_linear = is_linear and row.deps == (last,)
        last = row.hash
        heads.difference_update(row.deps)
        heads.add(row.hash)
    before = split_hashes(
        conn.execute("SELECT heads FROM doc WHERE id = ?", (doc_id,)).fetchone()[0]
    )
    conn.execute(
        "UPDATE doc SET heads = ?, changes = ?, is_linear = ? WHERE id = ?",
        (join_hashes(sorted(heads)), len(left), is_linear, doc_id),
    )
    digest = conn.execute("SELECT heads_digest FROM space WHERE id = ?", (space,)).fetchone()[0]
    conn.execute(
        "UPDATE space SET heads_digest = ? WHERE id = ?",
        (moved_digest(digest, doc_id, before, heads), space),
    )
