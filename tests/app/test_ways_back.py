"""The table of all acts that app and command line offer: each goes back, or says why it can't.

The commands are found, not listed: whatever method of the store writes, or asks something of a
space's server, is in here with what undo makes of it, or this fails; and the app writes by nothing
else. Each that goes back is done and taken back on a real home, where all has to read as before.
"""

import ast
import hashlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from app.act_words import act_words
from store.commands.asking import Plan
from store.commands.finals import FINALS
from store.commands.patches import NewTask, Patch
from store.domain.errors import Refused
from store.domain.ids import ConflictId, DocId, SpaceId
from store.domain.ledger.policies import Policy
from store.imports import ImportItem
from store.replica import Replica
from store.replica.authority import Answer, AuthoritySide
from sync.client.membership import Membership
from tests.support.counter import Counter, counter
from tests.support.people import entropy_of
from tests.support.refusing import refused_at
from tests.support.spaces import share_space

APP: Final = Path(__file__).parents[2] / "app"
LOOKS: Final = "app_appearance"
HUT: Final = SpaceId("s00000000000000000000000hut")
Do = Callable[["Home"], object]


class Home:
    """A home with something of everything.

    Attributes:
        ann: the home with its authority.
        replica: the home.
    """

    def __init__(self, ann: Counter) -> None:
        self.ann, self.replica = ann, ann.replica
        replica = self.replica
        self.rope = replica.add_task(NewTask("Rope", body="Red.\n", tags=("climb",)))
        self.tent = replica.add_task(NewTask("Tent"))
        self.away = replica.add_task(NewTask("Away"))
        self.log = replica.add_note("Log", body="One.\n")
        replica.trash(self.away)
        self.first = replica.history(self.log)[-1].version
        replica.edit(self.log, Patch(fields={"title": "Log book"}))
        self.sure = ann.item("escrow", name="Sure")
        ann.item("reservation", name="Stove")
        ann.item("oversell", name="Seat", oversell_percent=100)
        for name in ("Food", "Fees"):
            replica.add_budget(name, "EUR")
        replica.deposit("Food", "50")
        replica.take_quota("Sure", 2)
        replica.reserve("Stove", 1)
        ann.sync()
        self.open, self.other = (self._conflict(title) for title in ("Pot", "Pan"))
        self.settled = self._conflict("Cup")
        replica.resolve(self.settled, take=0)
        self.held = self._refused("Held", "take_back")
        self.parked = self._refused("Parked", "")
        self.refusal = self._refusal()
        self.stuck = self._stuck()
        share_space(replica, HUT, "Hut")
        replica.use_space("Personal")
        replica.change_fields(LOOKS, {"mode": "light"}, label="appearance")
        replica.set_thresholds({"lag_s": 7})
        replica.made_act()

    def _conflict(self, title: str) -> ConflictId:
        """A task that two people gave another title."""
        replica = self.replica
        doc = replica.add_task(NewTask(title))
        with Replica.open(self.ann.folder / title, entropy=entropy_of(len(title))) as bea:
            share_space(bea, self.ann.space, "Shared")
            bea.apply_remote(self.ann.space, _rows(replica, doc), origin="ann")
            bea.edit(doc, Patch(fields={"title": f"{title} of Bea"}))
            replica.edit(doc, Patch(fields={"title": f"{title} of Ann"}))
            replica.apply_remote(self.ann.space, _rows(bea, doc), origin="bea")
        (row,) = [each for each in replica.conflicts() if each.doc_id == doc]
        return ConflictId(row.id)

    def _refused(self, title: str, way: str) -> DocId:
        """A note of which a second line was refused."""
        doc = self.replica.add_note(title, body="One.\n")
        self.replica.edit(doc, Patch(body="One.\nTwo.\n"))
        refused_at(self.replica, doc, 1)
        if way:
            getattr(self.replica, way)(doc)
        return doc

    def _refusal(self) -> str:
        """A notice of a wish that was refused."""
        self.replica.deposit("Food", "3")
        batch = self.replica.next_commands(self.ann.space, 50)
        said = [Answer(one.key, False, "insufficient", "No.") for one in batch]
        self.replica.learn(self.ann.space, batch, said)
        (notice,) = self.replica.notices()
        return notice.id

    def _stuck(self) -> str:
        """A booking that waits for a person."""
        saga = self.replica.book(Plan("Trip", (("Sure", 1),)))
        self.ann.sync()
        self.ann.authority.run_sagas()
        self.ann.pull()
        with self.replica.db.write() as conn:
            conn.execute("UPDATE saga SET state = 'stuck' WHERE id = ?", (saga,))
        return saga

    def stove(self) -> str:
        """The hold on the stove."""
        return next(row.id for row in self.replica.reservations() if row.item_name == "Stove")

    def typed(self) -> None:
        """Type in the log book, and let it become a change."""
        text, base = self.replica.text(self.log)
        self.replica.save_draft(self.log, text + "Typed.\n", base)
        self.replica.flush_drafts()

    def shown(self) -> dict[str, object]:
        """All that a person can look at, but the trash, where what was made goes."""
        replica = self.replica
        with replica.db.read() as conn:
            rows = conn.execute(
                "SELECT doc, title, state, due, list, order_key, pinned, trashed FROM item"
                " WHERE NOT trashed ORDER BY doc"
            ).fetchall()
        docs = [DocId(row[0]) for row in rows]
        disputed = {row.doc_id: row for row in replica.conflicts(remember=False)}
        return {
            # Which side of a conflict is shown is by its writes, which opening it again renews.
            "items": [row for row in rows if row[0] not in disputed],
            "asked": [one.key for one in self.ann.waiting()],
            "texts": [(replica.item(doc).body, replica.item(doc).tags) for doc in docs],
            "conflicts": {
                row.id: sorted(str(side.value) for side in row.sides) for row in disputed.values()
            },
            "refused": replica.parked(),
            "held": [(each.doc_id, each.text) for each in replica.held_drafts()],
            "notices": replica.notices(),
            "supplies": replica.supplies(),
            "reservations": replica.reservations(),
            "money": (replica.budgets(), replica.bookings()),
            "settings": (replica.identity, replica.thresholds(), replica.fields(LOOKS)),
            "switch": replica.setting("app.shares_nearby"),
            "space": replica.space(),
        }


def _rows(replica: Replica, doc: DocId) -> list[Any]:
    from store import log
    from store.documents.inspect import inspect_change

    with replica.db.read() as conn:
        rows = log.doc_rows(conn, doc)
    return [(doc, inspect_change(row.bytes)) for row in rows if row.bytes is not None]


def _imported(home: Home) -> list[ImportItem]:
    return [ImportItem("note", "a.md", hashlib.sha256(b"a").digest(), "Page", "Text.\n")]


# -- the table -------------------------------------------------------------------------------------

# What goes back: each command, done once.
UNDONE: Final[dict[str, Do]] = {
    "add_task": lambda h: h.replica.add_task(NewTask("New")),
    "add_note": lambda h: h.replica.add_note("New"),
    "edit": lambda h: h.replica.edit(h.rope, Patch(fields={"due": "2027-01-01"})),
    "edit_all": lambda h: h.replica.edit_all([h.rope, h.tent], Patch(add_tags=("x",))),
    "transition": lambda h: h.replica.transition(h.rope, "start"),
    "transition_all": lambda h: h.replica.transition_all([h.rope, h.tent], "done"),
    "trash": lambda h: h.replica.trash(h.rope),
    "trash_all": lambda h: h.replica.trash_all([h.rope, h.tent]),
    "restore": lambda h: h.replica.restore(h.away),
    "restore_all": lambda h: h.replica.restore_all([h.away]),
    "resolve": lambda h: h.replica.resolve(h.open, take=0),
    "resolve_all": lambda h: h.replica.resolve_all([(h.open, 0), (h.other, 1)]),
    "unresolve": lambda h: h.replica.unresolve(h.settled),
    "revert": lambda h: h.replica.revert(h.log, h.first),
    "move": lambda h: h.replica.move(h.tent, "Hut"),
    "flush_drafts": lambda h: h.typed(),
    "put_held_in": lambda h: h.replica.put_held_in(h.held),
    "drop_held": lambda h: h.replica.drop_held(h.held),
    "import_items": lambda h: h.replica.import_items(None, _imported(h)),
    "retry_parked": lambda h: h.replica.retry_parked(h.parked),
    "take_back": lambda h: h.replica.take_back(h.parked),
    "salvage": lambda h: h.replica.salvage(h.parked),
    "note_seen": lambda h: h.replica.note_seen(h.refusal),
    "set_identity": lambda h: h.replica.set_identity("Anna", "phone"),
    "use_space": lambda h: h.replica.use_space("Hut"),
    "change_setting": lambda h: h.replica.change_setting("app.shares_nearby", "1", label="nearby"),
    "change_fields": lambda h: h.replica.change_fields(
        LOOKS, {"mode": "dark", "seed": "Lake"}, label="appearance"
    ),
    "set_thresholds": lambda h: h.replica.set_thresholds({"lag_s": 9}),
    "reset_thresholds": lambda h: h.replica.reset_thresholds(),
    "add_item": lambda h: h.replica.add_item("Rope", 3, Policy("cas")),
    "reserve": lambda h: h.replica.reserve("Sure", 1),
    "confirm": lambda h: h.replica.confirm(h.stove()),
    "take_quota": lambda h: h.replica.take_quota("Sure", 1),
    "return_quota": lambda h: h.replica.return_quota("Sure", 1),
    "move_quota": lambda h: h.replica.move_quota("Sure", 1, "rbea"),
    "write_off": lambda h: h.replica.write_off("Sure", "rbea"),
    "settle": lambda h: h.replica.settle("Seat"),
    "add_budget": lambda h: h.replica.add_budget("Kitty", "EUR"),
    "deposit": lambda h: h.replica.deposit("Food", "5"),
    "transfer": lambda h: h.replica.transfer("Food", "Fees", "20.00"),
    "book": lambda h: h.replica.book(Plan("Weekend", (("Sure", 1),))),
    "retry_booking": lambda h: h.replica.retry_booking(h.stuck),
    "set_apology": lambda h: h.replica.set_apology("Sorry."),
}
# What goes back in another way than by reading as before, and where that is tested.
OTHERWISE: Final = {
    "release": "is reserved anew: tests/store/commands/test_undoing_wishes.py",
    "save_draft": "is what was typed, and no change yet: goes back as flush_drafts does",
    "undo": "is put back by redo",
    "redo": "is taken back by undo",
}
# What can't go back, by the label of its sentence.
NEVER: Final = {"purge_trash": "purge"}
# What is no act of a person.
BY_ITSELF: Final = {
    "agreed": "ends an undo that others had to agree to",
    "note_role": "remembers the act of `Membership.change_role`",
    "note_final": "remembers what can't go back and was done elsewhere",
    "note_told": "takes off the list what was just read on the command line",
    "remember": "keeps up to where was looked, and that the first run is over",
    "conflicts": "remembers which sides were seen, to settle just those",
    "set_replica_id": "answers to a home that was copied",
    "apply_remote": "takes in what others wrote",
    "rebuild": "derives the same rows anew",
}
# Of what asks the servers of spaces.
ASKED: Final = {
    "create_space": "create-space",
    "create_local": "create-space",
    "publish": "publish",
    "join": "join",
    "join_device": "join",
    "invite": "invite",
    "revoke": "revoke",
    "change_role": "goes back: tests/sync/client/test_undoing_roles.py",
    "change_role_back": "is that going back",
    "devices": "reads",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One for all: each act is taken back."""
    with counter(tmp_path_factory.mktemp("ways")) as ann:
        yield Home(ann)


@pytest.mark.parametrize("command", UNDONE)
def test_it_is_taken_back_and_all_reads_as_before(home: Home, command: str) -> None:
    before = home.shown()

    UNDONE[command](home)

    made = home.replica.made_act()
    assert made is not None, "the app offers the way back where it tells of it"
    assert act_words(made[1]) != made[1]
    assert home.shown() != before, "something was done"
    home.replica.undo()
    assert home.shown() == before


def test_what_can_not_be_taken_back_says_so(tmp_path: Path) -> None:
    with Replica.open(tmp_path / "home", entropy=entropy_of(1)) as replica:
        replica.trash(replica.add_task(NewTask("Rope")))
        replica.made_act()

        replica.purge_trash()

        assert replica.made_act() is None
        with pytest.raises(Refused) as refused:
            replica.undo()
        assert refused.value.detail == FINALS[NEVER["purge_trash"]]


# -- that the table is whole -----------------------------------------------------------------------


def test_every_command_of_the_store_is_in_the_table() -> None:
    told = {*UNDONE, *OTHERWISE, *NEVER, *BY_ITSELF}

    assert writing(Replica) - vars(AuthoritySide).keys() == told


def test_every_request_about_a_space_is_in_the_table() -> None:
    asking = {name for name, _ in inspect.getmembers(Membership, inspect.iscoroutinefunction)}

    assert {name for name in asking if not name.startswith("_")} == ASKED.keys()
    assert {label for label in ASKED.values() if " " not in label} - {"reads"} <= FINALS.keys()


def test_the_app_writes_by_commands_only() -> None:
    """Neither past the acts, nor by what the sync engine alone may do."""
    by_the_engine = {"act", *(name for name in vars(AuthoritySide) if not name.startswith("_"))}
    by_the_engine.remove("give_up_unanswered")  # a round of `cairn sync` that got no answer
    past = [
        f"{path.name}:{node.lineno} {ast.unparse(node)}"
        for path in sorted(APP.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and (
            (node.attr == "write" and ast.unparse(node.value).endswith("db"))
            or (node.attr in by_the_engine and ast.unparse(node.value).endswith("replica"))
        )
    ]

    assert past == []


def test_each_act_is_in_the_table_once() -> None:
    told = [*UNDONE, *OTHERWISE, *NEVER, *BY_ITSELF]

    assert len(told) == len(set(told))


def writing(cls: type) -> set[str]:
    """The public methods of a class in whose body something is written."""
    found = set()
    for name, method in inspect.getmembers(cls, inspect.isfunction):
        is_ours = method.__module__.startswith("store.replica")
        if not name.startswith("_") and is_ours and _writes(method):
            found.add(name)
    return found - {"act", "open"}


def _writes(method: Callable[..., object]) -> bool:
    told = ast.parse(textwrap.dedent(inspect.getsource(method)))
    calls = (node.func for node in ast.walk(told) if isinstance(node, ast.Call))
    names = (ast.unparse(func) for func in calls)
    return any(
        name in ("self.act", "self._undoable", "self._asking", "self._wishing", "self.db.write")
        or name in ("self._flush_draft", "self.change_fields")
        for name in names
    )
