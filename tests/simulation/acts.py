"""What people do on their devices, chosen by a seed from what they see there.

Whoever is told that something is saved sees it at once: each act is followed by a look at what it
was for (`see`), which is what the world's own books can't tell where an act wrote nothing at all.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from operator import eq
from random import Random

from store.commands.patches import NewTask, Patch
from store.commands.undoing import Undone
from store.domain.ids import ConflictId, DocId
from store.domain.ledger.commands import Deposit
from store.domain.lifecycle import AIMS
from store.errors import StoreError
from store.ledger.outbox import intents
from store.replica import Replica
from store.rows import EventRow, TaskRow
from tests.simulation.device import Device
from tests.simulation.storage import Killed

_WORDS = ("rope", "stove", "map", "tent", "söup", "茶", "🧭", "wax")
_FIELDS: dict[str, tuple[object, ...]] = {
    "due": ("2026-12-01", "2026-12-24T09:00:00Z", None),
    "priority": ("low", "high", None),
    "list": ("Hut", "Trail", None),
    "assignee": ("Kit", "Ada", None),
}
_EVENTS = ("start", "block", "done", "done", "cancel", "reopen")

KITTY, TENTS = "Kitty", "Tents"  # what everybody shares, by name
TENTS_THERE = 8
DEPOSIT = "deposit "  # how such an act begins in a trace, before its coins
UNDO, REDO = "undo ", "redo "  # before the coins that may come out of it, or into it

Act = Callable[[Device, Random], None]


def _add_task(device: Device, rng: Random) -> None:
    title = device.world.new_title()
    repeat = "FREQ=DAILY" if rng.random() < 0.2 else None
    if repeat:
        title = f"series {title}"  # its followers carry the same title
    due = "2026-12-01" if repeat else None
    new = NewTask(title, body=_lines(rng), due=due, repeat=repeat)
    device.do(
        f"add {title}",
        lambda replica: replica.add_task(new, space=device.world.space),
        see=lambda replica, doc: replica.item(doc).title == title,
    )


def _add_note(device: Device, rng: Random) -> None:
    title, body, space = device.world.new_title(), _lines(rng), device.world.space
    device.do(
        f"note {title}",
        lambda replica: replica.add_note(title, body=body, space=space),
        see=lambda replica, doc: (replica.item(doc).title, replica.item(doc).body) == (title, body),
    )


def _edit_field(device: Device, rng: Random) -> None:
    doc = _some_doc(device, rng)
    name = rng.choice(sorted(_FIELDS))
    value = rng.choice(_FIELDS[name])
    patch = Patch(fields={name: value})

    def see(replica: Replica, one: DocId) -> bool:
        return bool(getattr(replica.item(one), name) == value)

    _on(device, doc, f"set {name}", lambda replica, one: replica.edit(one, patch), see)


def _edit_title(device: Device, rng: Random) -> None:
    """Write a title on what is there, or in place of what one saw there some time ago."""
    doc = rng.choice(sorted(device.looked)) if device.looked else _some_doc(device, rng)
    if doc is None:
        return
    title = f"re{device.world.new_title()}"
    was = device.looked.pop(doc, None)
    patch = Patch(fields={"title": title}, was={} if was is None else {"title": partial(eq, was)})

    def act(replica: Replica) -> set[object]:
        """Gives what has to stand there still: all that one did not see."""
        row = replica.item(doc)
        there = {row.title, *_sides(replica, row.conflicts)}
        seen_once = was in there or any(
            replica.state_at(doc, each.version).fields.get("title") == was
            for each in replica.history(doc)
        )
        replica.edit(doc, patch)
        return there - {was} if was is not None and seen_once else set()

    def see(replica: Replica, left: set[object]) -> bool:
        row = replica.item(doc)
        return {row.title, *_sides(replica, row.conflicts)} >= {title, *left}

    device.do(f"retitle {doc[:8]}", act, see=see)


def _sides(replica: Replica, conflicts: tuple[str, ...]) -> list[object]:
    """What stands against each other about the title of an item."""
    return [
        side.value
        for each in replica.conflicts(remember=False)
        if each.id in conflicts and each.field == "title"
        for side in each.sides
    ]


def _look(device: Device, rng: Random) -> None:
    """Begin to type into a title; what is typed there is saved whenever it is."""

    def act(replica: Replica, one: DocId) -> None:
        device.looked[one] = replica.item(one).title

    _on(device, _some_doc(device, rng), "look", act)


def _write_text(device: Device, rng: Random) -> None:
    """Type into the text that is there; the draft is flushed at once, or left for later."""
    doc, word, at = _some_doc(device, rng), device.world.new_title(), rng.random()
    is_flushed = rng.random() < 0.7

    is_draft = False

    def act(replica: Replica, one: DocId) -> None:
        nonlocal is_draft
        with replica.db.read() as conn:  # a restored home may have one of which nobody knows
            found = conn.execute("SELECT 1 FROM draft WHERE doc = ?", (one,)).fetchone()
        is_draft = found is not None
        text, base = replica.text(one)
        place = int(at * len(text))
        typed = f"{text[:place]} {word} {text[place:]}"
        try:
            replica.save_draft(one, typed, base)
        except (StoreError, Killed):
            device.unsure.add(one)
            raise
        device.drafts[one] = typed
        if is_flushed:
            replica.flush_drafts()
            device.drafts.clear()

    def see(replica: Replica, one: DocId) -> bool:
        """The word stands there; its letters do, where it was typed into a draft.

        What went out of the text since the draft was begun may have had the same letters, and
        nobody can tell which of them went (world 100278: `undo` elsewhere of an equal word).
        """
        text = replica.text(one)[0]
        return not Counter(word) - Counter(text) if is_draft else word in text

    _on(device, doc, "type", act, see)


def flush(device: Device, rng: Random) -> None:
    """Turn what was typed into changes: nobody's letters get lost by that, as nobody cut any."""

    def act(replica: Replica) -> dict[DocId, str]:
        before = {doc: replica.item(doc).body or "" for doc in device.drafts}
        replica.flush_drafts()
        device.drafts.clear()
        return before

    def see(replica: Replica, before: dict[DocId, str]) -> bool:
        return all(
            is_within(body, replica.item(doc).body or "")
            for doc, body in before.items()
            if not replica.item(doc).trashed
        )

    device.do("flush drafts", act, see=see)


def is_within(part: str, whole: str) -> bool:
    """Whether all characters of a text stand in another one in their order."""
    left = iter(whole)
    return all(character in left for character in part)


def _tag(device: Device, rng: Random) -> None:
    doc, tag = _some_doc(device, rng), rng.choice(_WORDS)
    is_added = rng.random() >= 0.4
    patch = Patch(add_tags=(tag,)) if is_added else Patch(remove_tags=(tag,))
    _on(
        device,
        doc,
        "tag",
        lambda replica, one: replica.edit(one, patch),
        lambda replica, one: (tag in replica.item(one).tags) == is_added,
    )


def _transition(device: Device, rng: Random) -> None:
    doc, event = _some_doc(device, rng), rng.choice(_EVENTS)

    def act(replica: Replica) -> int:
        before = len(_events(replica, doc))
        replica.transition(DocId(str(doc)), event)
        return before

    def see(replica: Replica, before: int) -> bool:
        row = replica.item(DocId(str(doc)))
        is_there = isinstance(row, TaskRow) and row.state == AIMS[event]
        return is_there and len(_events(replica, doc)) == before + 1

    if doc is not None:
        device.do(f"{event} {doc[:8]}", act, see=see)


def _events(replica: Replica, doc: DocId | None) -> tuple[EventRow, ...]:
    row = None if doc is None else replica.item(doc)
    return row.events if isinstance(row, TaskRow) else ()


def _trash(device: Device, rng: Random) -> None:
    doc = _some_doc(device, rng)
    _on(
        device,
        doc,
        "trash",
        lambda replica, one: replica.trash(one),
        lambda replica, one: replica.item(one).trashed,
    )


def _restore(device: Device, rng: Random) -> None:
    doc = _some_doc(device, rng)
    _on(
        device,
        doc,
        "restore",
        lambda replica, one: replica.restore(one),
        lambda replica, one: not replica.item(one).trashed,
    )


def _place(device: Device, rng: Random) -> None:
    doc, other = _some_doc(device, rng), _some_doc(device, rng)
    if other is not None:
        patch = Patch(before=other)
        _on(device, doc, "place", lambda replica, one: replica.edit(one, patch))


def _revert(device: Device, rng: Random) -> None:
    doc, back = _some_doc(device, rng), rng.random()

    def act(replica: Replica, one: DocId) -> None:
        versions = replica.history(one)
        replica.revert(one, versions[int(back * len(versions))].version)

    _on(device, doc, "revert", act)


def _settle(device: Device, rng: Random) -> None:
    which, take = rng.random(), rng.randrange(2)

    def act(replica: Replica) -> ConflictId | None:
        rows = replica.conflicts()
        if not rows:
            return None
        conflict = ConflictId(rows[int(which * len(rows))].id)
        replica.resolve(conflict, take=take)
        return conflict

    def see(replica: Replica, conflict: ConflictId | None) -> bool:
        return conflict not in {row.id for row in replica.conflicts(remember=False)}

    device.do("settle", act, see=see)


def _reopen(device: Device, rng: Random) -> None:
    which = rng.random()

    def act(replica: Replica) -> None:
        rows = replica.conflicts(settled=True)
        if rows:
            replica.unresolve(ConflictId(rows[int(which * len(rows))].id))

    device.do("reopen", act)


def _undo(device: Device, rng: Random) -> None:
    """Take the last act back, or put it back: a coin that was not sent yet, too."""
    is_again = rng.random() < 0.3
    waiting = _coins_waiting(device)

    def see(_replica: Replica, undone: Undone) -> bool:
        device.world.note_undone(waiting - _coins_waiting(device))
        if is_again and undone.label == "salvage":
            device.world.note_taken_back(device)
        return True

    what = f"{REDO}{device.world.undone}" if is_again else f"{UNDO}{waiting}"
    device.do(what, lambda replica: replica.redo() if is_again else replica.undo(), see=see)


def _coins_waiting(device: Device) -> int:
    """The coins that a home asks to be put in, as long as it has not sent that."""
    with device.plain_read() as conn:
        asked = [intent.command for intent in intents(conn, states=["waiting"])]
    return sum(each.amount for each in asked if isinstance(each, Deposit)) // 100


def _parked(device: Device, rng: Random) -> None:
    """A person answers a refusal: tries again, or saves what it says as a new item."""
    which, is_retried = rng.random(), rng.random() < 0.6

    def act(replica: Replica) -> None:
        rows = replica.parked()
        if not rows:
            return
        doc = DocId(rows[int(which * len(rows))].doc_id)
        if is_retried:
            replica.retry_parked(doc)
            return
        device.world.copied.add(replica.item(doc).title)
        replica.salvage(doc)
        device.drafts.pop(doc, None)
        device.world.note_taken_back(device)

    device.do("answer a refusal", act)


def _deposit(device: Device, rng: Random) -> None:
    """Put a coin into the kitty: asked for once, and in the end it is there once."""
    coins = rng.randint(1, 9)
    if not device.world.has_money:
        return

    def act(replica: Replica) -> None:
        replica.deposit(KITTY, str(coins), space=device.world.space)

    def see(replica: Replica, _: None) -> bool:
        device.world.deposits.append(coins)
        return True

    device.do(f"{DEPOSIT}{coins}", act, see=see)


def _reserve(device: Device, rng: Random) -> None:
    """Ask for a tent; there are few."""
    count = rng.randint(1, 2)
    if not device.world.has_money:
        return
    device.do(
        f"reserve {count}",
        lambda replica: replica.reserve(TENTS, count, space=device.world.space),
    )


ACTS: tuple[tuple[Act, int], ...] = (
    (_add_task, 8),
    (_add_note, 4),
    (_edit_field, 8),
    (_edit_title, 8),
    (_look, 4),
    (_write_text, 10),
    (flush, 4),
    (_tag, 4),
    (_transition, 8),
    (_trash, 3),
    (_restore, 3),
    (_place, 2),
    (_revert, 2),
    (_settle, 8),
    (_reopen, 3),
    (_undo, 3),
    (_parked, 4),
    (_deposit, 4),
    (_reserve, 4),
)


def act_at_random(device: Device, rng: Random) -> None:
    """Do something on a device."""
    (act,) = rng.choices([act for act, _ in ACTS], [weight for _, weight in ACTS])
    act(device, rng)


_QUARRELS: tuple[Act, ...] = (_edit_title, _edit_field, _transition, _write_text, _trash, _tag)


def quarrel(devices: Sequence[Device], rng: Random) -> None:
    """Several people do one kind of thing at one moment, most often to the same item."""
    act, seed = rng.choice(_QUARRELS), rng.random()
    for device in devices:
        act(device, Random(seed) if rng.random() < 0.7 else rng)


def _lines(rng: Random) -> str:
    lines = [rng.choices(_WORDS, k=rng.randint(1, 4)) for _ in range(rng.randint(0, 4))]
    return "\n".join(" ".join(words) for words in lines)


def _some_doc(device: Device, rng: Random) -> DocId | None:
    """Choose an item; the same few are chosen often, so that people meet on them."""
    with device.plain_read() as conn:
        docs = [
            row[0]
            for row in conn.execute(
                "SELECT doc FROM item WHERE space = ? AND NOT purged ORDER BY doc",
                (device.world.space,),
            )
        ]
    if not docs:
        rng.random()
        return None
    return DocId(docs[int(rng.random() ** 2 * len(docs))])


def _on(
    device: Device,
    doc: DocId | None,
    what: str,
    act: Callable[[Replica, DocId], object],
    see: Callable[[Replica, DocId], bool] = lambda _replica, _doc: True,
) -> None:
    if doc is not None:
        device.do(
            f"{what} {doc[:8]}",
            lambda replica: act(replica, doc),
            see=lambda replica, _: see(replica, doc),
        )
