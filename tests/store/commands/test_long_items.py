"""An item that was edited for years: what is worked out once, and where its device stops writing.

The limit is set low here, so that a few edits reach it; `tests/domain/test_weight.py` has the real
one.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.commands import checks
from store.commands.patches import NewTask, Patch
from store.documents.binding import Doc
from store.domain.errors import NotFound, TooManyEdits
from store.domain.ids import DocId
from store.domain.weight import ITEM_BYTES_FOR_ACTS, ITEM_BYTES_MAX
from store.replica import Replica
from tests.support.people import Camp

SITTINGS = 6


@pytest.fixture
def camp(tmp_path: Path) -> Iterator[Camp]:
    """Ann and Bea, who share a space."""
    camp = Camp(tmp_path, "ann", "bea")
    yield camp
    camp.close()


@pytest.fixture
def note(camp: Camp) -> DocId:
    """A note that both know."""
    made = camp["ann"].add_note("Log", body="Rice.\n\nOil.\n")
    camp.meet()
    return made


@pytest.fixture
def is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """No item takes another edit."""
    monkeypatch.setattr(checks, "ITEM_BYTES_MAX", 0)


def read_versions(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Note each version of a text that is read element by element."""
    read: list[object] = []
    elements = Doc.elements

    def noted(self: Doc, obj: bytes, at: object = None) -> list[tuple[str, bytes]]:
        read.append(at)
        return elements(self, obj, at)  # type: ignore[arg-type]

    monkeypatch.setattr(Doc, "elements", noted)
    return read


def replaced(replica: Replica, note: DocId, old: str, new: str) -> None:
    """Write other words into a note."""
    replica.edit(note, Patch(body=(replica.note(note).body or "").replace(old, new, 1)))


def written_apart(camp: Camp, note: DocId) -> None:
    """Let both write in lines of their own at the same time, again and again."""
    for number in range(SITTINGS):
        for name, line in (("ann", "Rice"), ("bea", "Oil")):
            replaced(camp[name], note, line, f"{line} {number}")
        camp.meet()


def restarted(camp: Camp, name: str, folder: Path) -> Replica:
    camp[name].close()
    camp.people[name] = Replica.open(folder / name, clock_ms=camp.clock)
    return camp[name]


def test_what_runs_of_a_text_touched_is_not_worked_out_again_after_a_start(
    camp: Camp, note: DocId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_apart(camp, note)
    assert camp.conflicts("ann") == []
    ann = restarted(camp, "ann", tmp_path)
    read = read_versions(monkeypatch)

    ann.edit(note, Patch(fields={"title": "Log of the hut"}))

    assert read == []


def test_what_is_kept_of_it_says_what_is_worked_out_anew(
    camp: Camp, note: DocId, tmp_path: Path
) -> None:
    written_apart(camp, note)
    for name in ("ann", "bea"):
        replaced(camp[name], note, "Rice", f"{name}s rice")
    camp.meet()
    (before,) = camp.conflicts("ann")
    bea = restarted(camp, "bea", tmp_path)
    with bea.db.write() as conn:  # only one of the two has forgotten it
        conn.execute("DELETE FROM footprint")

    for name in ("ann", "bea"):
        restarted(camp, name, tmp_path)
    camp["ann"].edit(note, Patch(fields={"title": "Log of the hut"}))
    camp.meet()

    (of_ann,), (of_bea,) = camp.conflicts("ann"), camp.conflicts("bea")
    assert of_ann.id == of_bea.id == before.id
    assert [s.value for s in of_ann.sides] == [s.value for s in of_bea.sides]
    assert camp["ann"].digest(camp.space) == camp["bea"].digest(camp.space)


def test_an_edit_reads_the_text_before_and_after_it_and_no_older_version(
    camp: Camp, note: DocId, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ann", "bea"):
        replaced(camp[name], note, "Rice", f"{name}s rice")
    camp.meet()
    assert len(camp.conflicts("ann")) == 1
    read = read_versions(monkeypatch)

    camp["ann"].edit(note, Patch(fields={"title": "Log of the hut"}))

    assert len(read) == 2


@pytest.mark.usefixtures("is_full")
def test_an_item_that_others_could_not_take_is_not_written_on(camp: Camp, note: DocId) -> None:
    ann = camp["ann"]
    before = ann.digest(camp.space)

    with pytest.raises(TooManyEdits, match=f"edited too often.*cairn salvage {note[:10]}"):
        ann.edit(note, Patch(fields={"title": "Log of the hut"}))
    with pytest.raises(TooManyEdits):
        ann.edit(note, Patch(add_tags=("hut",)))

    assert ann.digest(camp.space) == before


@pytest.mark.usefixtures("is_full")
def test_it_can_be_put_away_and_settled_nevertheless(camp: Camp) -> None:
    ann = camp["ann"]
    task = ann.add_task(NewTask("Book the hut"))

    ann.transition(task, "done")
    ann.trash(task)

    assert ann.tasks(view="all") == []


def test_acts_have_an_end_too(camp: Camp, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = camp["ann"]
    task = ann.add_task(NewTask("Book the hut"))
    monkeypatch.setattr(checks, "ITEM_BYTES_MAX", -ITEM_BYTES_FOR_ACTS)

    with pytest.raises(TooManyEdits):
        ann.transition(task, "done")


@pytest.mark.usefixtures("is_full")
def test_what_was_typed_in_it_is_kept_and_all_other_drafts_become_changes(
    camp: Camp, note: DocId, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = camp["ann"]
    text, base = ann.text(note)
    ann.save_draft(note, text + "Salt.\n", base)
    with monkeypatch.context() as for_now:
        for_now.setattr(checks, "ITEM_BYTES_MAX", ITEM_BYTES_MAX)
        other = ann.add_note("Other", body="One.\n")
        for_now.setattr(checks, "has_room", lambda doc, **_: doc.id == other)
        said, heads = ann.text(other)
        ann.save_draft(other, said + "Two.\n", heads)

        with pytest.raises(TooManyEdits):
            ann.flush_drafts()

    assert ann.note(other).body == "One.\nTwo.\n"
    made = ann.salvage(note)
    assert ann.note(made).body == "Rice.\n\nOil.\nSalt.\n"


@pytest.mark.usefixtures("is_full")
def test_it_goes_on_as_a_new_item_and_that_can_be_undone(camp: Camp, note: DocId) -> None:
    ann = camp["ann"]

    made = ann.salvage(note)

    assert [row.id for row in ann.notes()] == [made]
    assert ann.note(made).body == ann.note(note).body
    ann.undo()
    assert [row.id for row in ann.notes()] == [note]


def test_an_item_that_can_be_written_on_is_not_saved_as_new(camp: Camp, note: DocId) -> None:
    with pytest.raises(NotFound, match="Nothing of this item was refused"):
        camp["ann"].salvage(note)
