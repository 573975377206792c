"""What people do to one item while they are apart, and what they are told when they meet."""

from collections.abc import Callable

from store.commands.patches import NewTask, Patch
from store.domain.ids import ConflictId, DocId
from store.replica import Replica
from store.rows import ConflictRow
from tests.support.people import Camp

Act = Callable[[Replica, DocId], object]


def fields(**values: object) -> Act:
    """Write fields; None clears."""
    return lambda replica, doc: replica.edit(doc, Patch(fields=values))


def text(body: str) -> Act:
    """Write the whole text anew; what is stored is the difference."""
    return lambda replica, doc: replica.edit(doc, Patch(body=body))


def event(*types: str) -> Act:
    """Take a task through some events."""
    return lambda replica, doc: [replica.transition(doc, type) for type in types]


def trash(replica: Replica, doc: DocId) -> None:
    """Put the item away."""
    replica.trash(doc)


def both(*acts: Act) -> Act:
    """Do one thing after the other."""
    return lambda replica, doc: [act(replica, doc) for act in acts]


def task_of_all(camp: Camp, body: str = "", due: str | None = None) -> DocId:
    """A task of Alice's that everybody has."""
    doc = camp["alice"].add_task(NewTask("Rope", body=body, due=due), space=camp.space)
    camp.meet()
    return doc


def do_apart(camp: Camp, doc: DocId, **acts: Act) -> None:
    """Each does theirs without the others; then all meet."""
    for name, act in acts.items():
        act(camp[name], doc)
    camp.meet()


def told_to_all(camp: Camp) -> list[ConflictRow]:
    """The open conflicts, which are the same for everybody."""
    told = [camp.conflicts(name) for name in camp.people]
    assert all(each == told[0] for each in told)
    return told[0]


def the_conflict(camp: Camp, kind: str) -> ConflictRow:
    """The only open conflict, which everybody has."""
    (row,) = told_to_all(camp)
    assert row.kind == kind
    return row


def id_of(row: ConflictRow) -> ConflictId:
    """A conflict's name, to settle it by."""
    return ConflictId(row.id)


def settled(camp: Camp, name: str) -> list[ConflictRow]:
    """What somebody is told was settled."""
    return camp[name].conflicts(settled=True)


KINDS: dict[str, tuple[Act, Act]] = {
    "field": (fields(priority="high"), fields(priority="low")),
    "lifecycle": (event("done"), event("cancel")),
    "trash": (trash, fields(title="Long rope")),
    "passage": (text("rope\nmy stove"), text("rope\nstove, gas")),
}


def in_conflict(camp: Camp, kind: str) -> DocId:
    """A task over which Alice and Bob are in conflict, which everybody knows."""
    doc = task_of_all(camp, "rope\nstove")
    alices, bobs = KINDS[kind]
    do_apart(camp, doc, alice=alices, bob=bobs)
    return doc
