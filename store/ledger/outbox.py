"""Commands on their way to an authority: written before they are sent, kept until all is here.

    waiting    to be sent, once or again
    accepted   the authority said yes; its act is not folded here yet
    refused    it said no, for good, with the reason; kept until the person has seen it
    withdrawn  taken back, or given up, before it was known whether it had arrived: sent once more
               under its key, and then undone

Commands go in the order of asking, with one exception: what gives something back goes first, and
nothing newer goes before a withdrawn one is known and undone. Else the last piece would be refused
to the person who had taken it back.

A command goes when the act that decides it is folded, in the same transaction: what it asked for is
then a row of the books. So a device shows either the wish or the result, and never both or none.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.on_device import Answer
from store.ledger.command_codec import asked_form, decode_command, encode_command

OutboxState = Literal["waiting", "accepted", "refused", "withdrawn"]

_COLUMNS: Final = (
    "id, key, space, kind, body, subject, item, count, said, reason, at_ms, state, type, detail,"
    " needs_answer, sent, tries"
)
WAITING_MAX: Final = 10_000  # of one space: months of work without a network, a minute of sending
TAKEN_BACK: Final = "taken-back"  # type of what was withdrawn by the person
NO_ANSWER: Final = "no-answer"  # why something was refused without having been decided
_NO_ANSWER_SAID: Final = "It can be reserved only while the server answers; nothing was reserved."
NOT_DECIDED: Final[tuple[OutboxState, ...]] = ("waiting", "accepted")
_SENDABLE: Final = "state IN ('waiting', 'withdrawn')"
# A generation of the ledger that is over may leave both to be sent: the wish, and then its undoing.
_GIVES_BACK: Final = (
    "kind = 'release' AND NOT EXISTS (SELECT 1 FROM outbox AS wish"
    " WHERE wish.subject = outbox.subject AND wish.kind = 'reserve'"
    " AND wish.state IN ('waiting', 'withdrawn'))"
)
_NEXT: Final = (
    f"SELECT {_COLUMNS} FROM outbox WHERE space = ?1 AND {_SENDABLE} AND ({_GIVES_BACK} OR id <="
    " ifnull((SELECT min(id) FROM outbox WHERE space = ?1 AND state = 'withdrawn'), id))"
    f" ORDER BY {_GIVES_BACK} DESC, id LIMIT ?2"
)


@dataclass(frozen=True, slots=True)
class Intent:
    """A command in the outbox.

    Attributes:
        number: its place in the order of asking.
        key: its idempotency key.
        kind: its name in the codec, e.g. `reserve`.
        command: what is asked for.
        subject: id of what it makes or is about.
        item, count: of what it takes out of stock or quota, where it does.
        said: what the device has told the person; empty where nothing was promised either way.
        reason: why it said so.
        type, detail: why it was refused.
        needs_answer: to be given up where no answer comes at once (pessimistic).
        sent: how often it was sent.
        tries: how often it was asked anew, as others were faster (compare and set).
    """

    number: int
    key: str
    space: str
    kind: str
    command: c.Command
    subject: str
    item: str | None
    count: int | None
    said: Answer | Literal[""]
    reason: str
    at_ms: int
    state: OutboxState
    type: str
    detail: str
    needs_answer: bool
    sent: int
    tries: int

    @property
    def is_gone(self) -> bool:
        """Whether the person took it back, and wants to hear no more of it."""
        return self.type == TAKEN_BACK


def put(
    conn: sqlite3.Connection,
    space: SpaceId,
    key: str,
    command: c.Command,
    now_ms: int,
    *,
    said: Answer | Literal[""] = "",
    reason: str = "",
    needs_answer: bool = False,
) -> None:
    """Keep a command to be sent; raises InvalidValue where it can't be said on the wire."""
    body = encode_command(command)
    conn.execute(
        "INSERT INTO outbox (key, space, kind, body, subject, item, count, said, reason, at_ms,"
        " state, needs_answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?)",
        (
            key,
            space,
            _kind(command),
            body,
            _subject(command),
            getattr(command, "item", None),
            getattr(command, "count", None),
            said,
            reason,
            now_ms,
            needs_answer,
        ),
    )


def intents(
    conn: sqlite3.Connection,
    space: SpaceId | None = None,
    *,
    kinds: Sequence[str] = (),
    states: Sequence[OutboxState] = (),
) -> list[Intent]:
    """List commands in the order of asking; all spaces, kinds and states where none is given."""
    wanted = ["1"]
    values: list[str] = []
    for column, some in (("space", (space,) if space else ()), ("kind", kinds), ("state", states)):
        if some:
            wanted.append(f"{column} IN ({', '.join('?' * len(some))})")
            values += some
    found = conn.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE {' AND '.join(wanted)} ORDER BY id", values
    )
    return [_intent(row) for row in found]


def about(conn: sqlite3.Connection, subject: str) -> list[Intent]:
    """List the commands about one thing, in the order of asking."""
    found = conn.execute(f"SELECT {_COLUMNS} FROM outbox WHERE subject = ? ORDER BY id", (subject,))
    return [_intent(row) for row in found]


def with_key(conn: sqlite3.Connection, key: str) -> Intent | None:
    """Give a command by its key."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM outbox WHERE key = ?", (key,)).fetchone()
    return None if row is None else _intent(row)


def last(conn: sqlite3.Connection, space: SpaceId) -> Intent:
    """Give what was asked for last of what is here; for who has just put something."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE space = ? ORDER BY id DESC LIMIT 1", (space,)
    ).fetchone()
    return _intent(row)


def is_built_on(conn: sqlite3.Connection, intent: Intent) -> bool:
    """Tell whether a later command names what this one makes: an item, a budget."""
    row = conn.execute(
        "SELECT 1 FROM outbox WHERE space = ?1 AND id > ?2 AND (subject = ?3 OR"
        " instr(body, CAST(?3 AS BLOB))) LIMIT 1",
        (intent.space, intent.number, intent.subject),
    ).fetchone()
    return row is not None


def waiting(conn: sqlite3.Connection, space: SpaceId) -> int:
    """Count the commands that are to be sent."""
    (count,) = conn.execute(
        f"SELECT count(*) FROM outbox WHERE space = ? AND {_SENDABLE}", (space,)
    ).fetchone()
    assert isinstance(count, int)
    return count


# -- sending ---------------------------------------------------------------------------------------


def next_to_send(conn: sqlite3.Connection, space: SpaceId, commands_max: int) -> list[Intent]:
    """Take the next commands, and note before they are sent that they may have arrived."""
    found = conn.execute(_NEXT, (space, commands_max)).fetchall()
    conn.executemany("UPDATE outbox SET sent = sent + 1 WHERE id = ?", [(row[0],) for row in found])
    return [_intent(row) for row in found]


def accepted(conn: sqlite3.Connection, key: str, new_key: str, now_ms: int) -> None:
    """The authority said yes; what was withdrawn meanwhile is undone, under a new key."""
    intent = with_key(conn, key)
    if intent is None:
        return  # its effect is here already
    if intent.state == "withdrawn":
        _undo(conn, intent, new_key, now_ms)
    # What was withdrawn counts against the quota until its effect is here: it has left the lease.
    is_over = intent.state == "withdrawn" and not intent.is_gone
    conn.execute(
        "UPDATE outbox SET state = ? WHERE key = ?", ("refused" if is_over else "accepted", key)
    )


def refused(conn: sqlite3.Connection, key: str, type_: str, detail: str) -> None:
    """The authority said no; of what the person took back they want to hear no more."""
    conn.execute("DELETE FROM outbox WHERE key = ? AND type = ?", (key, TAKEN_BACK))
    conn.execute(
        "UPDATE outbox SET state = 'refused' WHERE key = ? AND state = 'withdrawn'", (key,)
    )
    conn.execute(
        "UPDATE outbox SET state = 'refused', type = ?, detail = ?"
        " WHERE key = ? AND state <> 'refused'",
        (type_, detail, key),
    )


def ask_anew(conn: sqlite3.Connection, intent: Intent, command: c.Command, new_key: str) -> None:
    """Ask once more with other words, in the same place of the order."""
    conn.execute(
        "UPDATE outbox SET key = ?, body = ?, state = 'waiting', sent = 0, tries = tries + 1"
        " WHERE key = ?",
        (new_key, encode_command(command), intent.key),
    )


def say_why_waiting(conn: sqlite3.Connection, space: SpaceId, why: str) -> None:
    """Say of what waits why it is not sent."""
    conn.execute(
        f"UPDATE outbox SET reason = ? WHERE space = ? AND said <> 'certain' AND {_SENDABLE}",
        (why, space),
    )


def withdraw(conn: sqlite3.Connection, intent: Intent) -> None:
    """Take a command back that was not decided yet, whether it has arrived or not."""
    if intent.sent == 0:
        conn.execute("DELETE FROM outbox WHERE key = ?", (intent.key,))
    else:
        conn.execute(
            "UPDATE outbox SET state = 'withdrawn', said = '', type = ? WHERE key = ?",
            (TAKEN_BACK, intent.key),
        )


def give_up_unanswered(conn: sqlite3.Connection, space: SpaceId) -> int:
    """Refuse what only makes sense while the server answers, as it does not; gives how many.

    What may have arrived is withdrawn: should it turn out to have been decided, it is undone.
    """
    pressing = [one for one in intents(conn, space, states=("waiting",)) if one.needs_answer]
    for one in pressing:
        if one.sent:
            withdraw(conn, one)
            conn.execute(
                "UPDATE outbox SET type = ?, detail = ? WHERE key = ?",
                (NO_ANSWER, _NO_ANSWER_SAID, one.key),
            )
        else:
            refused(conn, one.key, NO_ANSWER, _NO_ANSWER_SAID)
    return len(pressing)


def forget(conn: sqlite3.Connection, key: str) -> None:
    """Drop a command of which it is known here what became."""
    conn.execute("DELETE FROM outbox WHERE key = ?", (key,))


def take_out(conn: sqlite3.Connection, key: str) -> dict[str, Any]:
    """Forget a command, and give its row by columns, for `put_back`."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM outbox WHERE key = ?", (key,)).fetchone()
    forget(conn, key)
    taken = dict(zip(_COLUMNS.split(", "), row, strict=True))
    return taken | {"body": taken["body"].hex()}


def put_back(conn: sqlite3.Connection, taken: Mapping[str, Any]) -> None:
    """Keep a command again that was taken out, in its old place if nothing else has it by now."""
    row = {**taken, "body": bytes.fromhex(taken["body"])}
    if conn.execute("SELECT 1 FROM outbox WHERE id = ?", (row["id"],)).fetchone():
        row["id"] = None
    marks = ", ".join("?" * len(row))
    conn.execute(f"INSERT INTO outbox ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


# -- the feed --------------------------------------------------------------------------------------


def settle(
    conn: sqlite3.Connection,
    keys: Iterable[str],
    new_key: Callable[[], str],
    now_ms: int,
) -> None:
    """Drop the commands of some keys, whose effect is here; call it in that transaction.

    What was withdrawn is undone, under a new key. What was refused is left to the reply, which says
    more; should that have got lost, the command is sent again and answered from the same key.
    """
    for key in keys:
        intent = with_key(conn, key)
        if intent is None or intent.state == "refused":
            continue
        if intent.state == "withdrawn":
            _undo(conn, intent, new_key(), now_ms)
        if intent.state == "withdrawn" and not intent.is_gone:
            conn.execute("UPDATE outbox SET state = 'refused' WHERE key = ?", (key,))
        else:
            forget(conn, key)


def send_again(conn: sqlite3.Connection, space: SpaceId) -> None:
    """Send again what was accepted by a generation of the ledger that is over, and is not here."""
    conn.execute(
        "UPDATE outbox SET state = 'waiting' WHERE space = ? AND state = 'accepted'", (space,)
    )


# -- inside ----------------------------------------------------------------------------------------


def _intent(row: tuple[Any, ...]) -> Intent:
    before, body, after, needs_answer, counts = row[:4], row[4], row[5:14], row[14], row[15:]
    return Intent(*before, decode_command(body), *after, bool(needs_answer), *counts)  # type: ignore[call-arg]


def _kind(command: c.Command) -> str:
    tag: str = type(asked_form(command)).__struct_config__.tag  # type: ignore[assignment]
    return tag


def _subject(command: c.Command) -> str:
    for name in ("id", "reservation", "saga", "item"):
        found: str | None = getattr(command, name, None)
        if found is not None:
            return found
    return ""


def _undo(conn: sqlite3.Connection, intent: Intent, new_key: str, now_ms: int) -> None:
    """Take back the effect of a command that was withdrawn."""
    if isinstance(intent.command, c.Reserve):
        put(conn, SpaceId(intent.space), new_key, c.Release(intent.command.id), now_ms)
