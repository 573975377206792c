"""Deliberate faults of the product, each of which worlds must find: they try the oracle itself.

A check that can't fail proves nothing. So each of these breaks one promise in the place where it is
kept, and worlds are lived until one of them says so. What a second mechanism heals (a cursor that
runs ahead, where heads are compared too) breaks no promise alone, and is broken here together with
it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Final

import pytest

from store import peers
from store.commands import items, settling
from store.commands.inverse import Inverse
from store.documents.conflicts import fields, lifecycle
from store.documents.history import History
from store.errors import StorageFailed
from store.log.touched_docs import TouchedDocs
from store.projections import items as projecting
from store.queries import marks
from store.replica.core import ReplicaCore
from store.replica.ledger import Ledger
from store.replica.writes import Writes
from sync.client import round as rounds
from sync.client.history import History as KnownHistory
from sync.client.incoming import Incoming
from sync.client.offering import Offering
from sync.client.outgoing import Outgoing
from sync.protocol.cursor import decode_cursor
from sync.server import feed
from sync.server.intake import Intake

Mutation = Callable[[pytest.MonkeyPatch], None]


def _some(share: int = 4) -> Callable[[], bool]:
    """Tell the truth once in so many times, in the same order in every run."""
    asked = iter(range(1, 1 << 30))
    return lambda: next(asked) % share == 0


# -- what was saved --------------------------------------------------------------------------------


def an_act_is_told_to_be_saved_and_rolled_back(patch: pytest.MonkeyPatch) -> None:
    act, is_bad = ReplicaCore.act, _some(8)

    @contextmanager
    def forgetful(self: Any, initiator: str = "") -> Iterator[Any]:
        with suppress(_Dropped), act(self, initiator) as unit:
            yield unit
            if is_bad() and initiator != "sync":
                raise _Dropped

    patch.setattr(ReplicaCore, "act", forgetful)


class _Dropped(Exception):
    pass


def a_failed_commit_is_told_as_a_success(patch: pytest.MonkeyPatch) -> None:
    act = ReplicaCore.act

    @contextmanager
    def hopeful(self: Any, initiator: str = "") -> Iterator[Any]:
        is_done = False
        try:
            with act(self, initiator) as unit:
                yield unit
                is_done = True
        except StorageFailed:
            if not is_done:
                raise

    patch.setattr(ReplicaCore, "act", hopeful)


def a_server_acknowledges_and_forgets(patch: pytest.MonkeyPatch) -> None:
    commit, is_bad = Intake._commit, _some()

    def forgetful(self: Any, caller: Any, candidates: Any, entries: Any, work: Any, at: Any) -> Any:
        if is_bad() and work.passed:
            return len(work.passed), 0
        return commit(self, caller, candidates, entries, work, at)

    patch.setattr(Intake, "_commit", forgetful)
    patch.setattr(rounds, "must_compare", lambda **_: False)


def a_push_skips_a_row(patch: pytest.MonkeyPatch) -> None:
    offer, is_bad = Offering.offer_with_causes, _some()

    async def lazy(self: Any, rows: Any) -> Any:
        return await offer(self, rows[:-1] if rows and is_bad() else rows)

    patch.setattr(Offering, "offer_with_causes", lazy)
    patch.setattr(rounds, "must_compare", lambda **_: False)


def a_draft_is_thrown_away(patch: pytest.MonkeyPatch) -> None:
    def hasty(act: Any, doc_id: Any) -> list[Any]:
        act.conn.execute("DELETE FROM draft WHERE doc = ?", (doc_id,))
        return []

    patch.setattr("store.replica.writes.flush_draft", hasty)


def a_refused_change_is_dropped(patch: pytest.MonkeyPatch) -> None:
    """What is parked leaves the home, and nobody is asked."""
    park = peers.park

    def careless(conn: Any, space: Any, doc: Any, change: bytes, **said: Any) -> None:
        park(conn, space, doc, change, **said)
        conn.execute("DELETE FROM log WHERE hash = ?", (change,))

    patch.setattr(peers, "park", careless)


# -- cursors and histories -------------------------------------------------------------------------


def a_cursor_runs_ahead_of_its_rows(patch: pytest.MonkeyPatch) -> None:
    take, is_bad = Incoming.take, _some(3)

    def ahead(self: Any, rows: Any, cursor: Any) -> Any:
        return take(self, rows[1:] if cursor and is_bad() else rows, cursor)

    patch.setattr(Incoming, "take", ahead)
    patch.setattr(rounds, "must_compare", lambda **_: False)


def a_cursor_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """Everything is read from the beginning each time; nothing is lost by it."""
    patch.setattr(peers, "set_pull_cursor", lambda _conn, _peer, _cursor: None)


def the_push_cursor_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """Everything is offered each time, and so nothing is ever known to be synced."""
    patch.setattr(peers, "raise_push_seq", lambda _conn, _peer, _before, _seq: None)


def a_server_takes_any_cursor(patch: pytest.MonkeyPatch) -> None:
    """A server that was set back skips what has other numbers now."""
    patch.setattr(
        feed, "_checked", lambda _c, _s, _e, cursor: decode_cursor(cursor).seq if cursor else 0
    )
    patch.setattr(rounds, "must_compare", lambda **_: False)


def a_copied_home_is_not_noticed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(KnownHistory, "is_forked", lambda _self, _hello: False)
    patch.setattr(rounds, "must_compare", lambda **_: False)


def heads_are_never_compared(patch: pytest.MonkeyPatch) -> None:
    """Lies and lost rows stay as they are."""
    patch.setattr(rounds, "must_compare", lambda **_: False)


def heads_of_a_document_are_wrong(patch: pytest.MonkeyPatch) -> None:
    """The digest that is to show differences is fed with what was there before."""
    advance = TouchedDocs.advance

    def stale(self: Any, doc: Any, change: Any, deps: Any, *, origin: Any, seq: int) -> None:
        advance(self, doc, change, deps, origin=origin, seq=seq)
        heads = self.of(doc).heads
        if origin is not None and len(heads) > 1:
            heads.discard(min(heads))

    patch.setattr(TouchedDocs, "advance", stale)


# -- conflicts -------------------------------------------------------------------------------------


def a_winner_is_picked_in_silence(patch: pytest.MonkeyPatch) -> None:
    sides = fields._sides

    def silent(live: Any, history: Any, settlements: Any) -> Any:
        return sides({max(live): live[max(live)]}, history, settlements)

    patch.setattr(fields, "_sides", silent)


def one_of_three_sides_is_hidden(patch: pytest.MonkeyPatch) -> None:
    sides = fields._sides

    def rough(live: Any, history: Any, settlements: Any) -> Any:
        found = sides(live, history, settlements)
        return found[1:] if len(found) > 2 else found

    patch.setattr(fields, "_sides", rough)


def a_quarrel_about_a_state_is_hidden(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("store.documents.reader.lifecycle_conflict", lambda *_: None)


def a_quarrel_is_seen_where_there_is_none(patch: pytest.MonkeyPatch) -> None:
    """Events that follow each other count as if nobody had seen the other."""
    patch.setattr(lifecycle, "maximal_events", lambda events, _history, settlements: tuple(events))


def a_settlement_is_known_to_one_device_only(patch: pytest.MonkeyPatch) -> None:
    def local(act: Any, conflict: Any, *, take: Any = None, value: Any = None) -> Any:
        act.conn.execute(
            "UPDATE conflict SET settled = ? WHERE id = ?",
            ('{"by":"me","device":"d","at_ms":1,"value":1}', conflict),
        )
        return [Inverse.of_trash(settling.doc_of(act, conflict), "trash")]

    patch.setattr(settling, "resolve", local)


def lifecycles_are_folded_in_the_order_of_arrival(patch: pytest.MonkeyPatch) -> None:
    read = lifecycle.read_events

    def arrived(doc: Any, doc_id: Any, history: History, settlements: Any, *within: Any) -> Any:
        events = read(doc, doc_id, history, settlements, *within)
        places = history.position
        return tuple(
            replace(one, event=replace(one.event, op=(places[one.change], one.event.op[1])))
            for one in sorted(events, key=lambda one: places[one.change])
        )

    patch.setattr("store.documents.reader.read_events", arrived)


# -- nothing twice ---------------------------------------------------------------------------------


def an_intent_runs_twice(patch: pytest.MonkeyPatch) -> None:
    add, is_bad = Writes.add_task, _some(6)

    def eager(self: Any, *given: Any, **named: Any) -> Any:
        if is_bad():
            add(self, *given, **named)
        return add(self, *given, **named)

    patch.setattr(Writes, "add_task", eager)


def a_wish_for_money_is_kept_twice(patch: pytest.MonkeyPatch) -> None:
    """Each has a key of its own, so the authority can't know them for one."""
    deposit, is_bad = Ledger.deposit, _some(3)

    def eager(self: Any, *given: Any, **named: Any) -> Any:
        if is_bad():
            deposit(self, *given, **named)
        return deposit(self, *given, **named)

    patch.setattr(Ledger, "deposit", eager)


def a_retry_writes_its_event_twice(patch: pytest.MonkeyPatch) -> None:
    """A device that is not sure writes again what it has written; the second one has another id."""
    write, is_bad = items.write_event, _some(3)

    def eager(act: Any, doc_id: Any, within: str, said: Any, **named: Any) -> Any:
        if is_bad() and within == "events":
            write(act, doc_id, within, said)
        return write(act, doc_id, within, said, **named)

    patch.setattr(items, "write_event", eager)


# -- what is shown ---------------------------------------------------------------------------------


def everything_is_marked_as_synced(patch: pytest.MonkeyPatch) -> None:
    read = marks.read_marks

    def blind(conn: Any, doc: str | None = None) -> marks.Marks:
        return replace(read(conn, doc), exceptions={})

    for reader in ("items", "lists"):
        patch.setattr(f"store.queries.{reader}.read_marks", blind)


def a_round_ends_before_all_was_offered(patch: pytest.MonkeyPatch) -> None:
    """It says that all is acknowledged, and it was not sent."""
    batch, is_bad = Outgoing.next_batch, _some(3)

    def early(self: Any, after: int, **bounds: Any) -> Any:
        found = batch(self, after, **bounds)
        return replace(found, rows=()) if is_bad() else found

    patch.setattr(Outgoing, "next_batch", early)
    patch.setattr(rounds, "must_compare", lambda **_: False)


def a_row_is_left_behind_its_document(patch: pytest.MonkeyPatch) -> None:
    project, is_bad = projecting.project_many, _some(6)

    def lazy(conn: Any, space: Any, states: Any) -> None:
        project(conn, space, states[:-1] if is_bad() else states)

    patch.setattr("store.commands.unit_of_work.project_many", lazy)


def texts_come_out_as_they_came_in(patch: pytest.MonkeyPatch) -> None:
    """A text is put together on what the device has, and what others wrote meanwhile is lost."""
    write = items.write_text

    def blunt(act: Any, doc_id: Any, text: str, base: Any) -> Any:
        return write(act, doc_id, text, act.open(doc_id).history.heads())

    patch.setattr(items, "write_text", blunt)


def a_field_replaces_what_somebody_wrote_meanwhile(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(items, "base_of", lambda *_: ())


MUTATIONS: Final[tuple[Mutation, ...]] = tuple(
    each
    for name, each in list(globals().items())
    if callable(each)
    and getattr(each, "__module__", "") == __name__
    and not name.startswith("_")
    and each not in (Mutation,)
)
