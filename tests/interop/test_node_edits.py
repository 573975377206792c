"""What JavaScript edits in an exported document shows here, and may be in conflict with ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.commands.patches import Patch
from tests.interop.javascript import a_task, assert_both_see_the_same, edited_in_javascript
from tests.support.people import Camp

pytestmark = pytest.mark.interop


@pytest.fixture
def camp(tmp_path: Path) -> Iterator[Camp]:
    """Alice and Bob."""
    people = Camp(tmp_path / "camp", "alice", "bob")
    people["alice"].use_space(people.space)
    yield people
    people.close()


def test_an_edit_of_javascript_shows_here_and_reaches_the_others(
    camp: Camp, tmp_path: Path
) -> None:
    doc = a_task(camp)

    edited_in_javascript(
        camp, "alice", doc, tmp_path / "js", title="Seil 🧗", tag="js", untag="hut", text="Zuerst: "
    )
    camp.meet()

    for replica in camp.people.values():
        task = replica.task(doc)
        assert (task.title, task.tags, task.body) == (
            "Seil 🧗",
            ("climb", "js"),
            "Zuerst: Anchors.\n",
        )
    assert assert_both_see_the_same(camp["bob"], tmp_path / "again") == 0
    digest = camp["bob"].digest(camp.space)
    camp["bob"].rebuild()
    assert camp["bob"].digest(camp.space) == digest == camp["alice"].digest(camp.space)


def test_a_plain_string_of_javascript_is_a_text_object_and_reads_as_that_string(
    camp: Camp, tmp_path: Path
) -> None:
    doc = a_task(camp)

    edited_in_javascript(camp, "alice", doc, tmp_path / "js", plainTitle="Plain")

    assert camp["alice"].task(doc).title == "Plain"
    camp["alice"].edit(doc, Patch(fields={"title": "Ours again"}))
    assert camp["alice"].task(doc).title == "Ours again"


def test_an_edit_of_javascript_beside_ours_is_a_conflict_here(camp: Camp, tmp_path: Path) -> None:
    doc = a_task(camp)
    camp["bob"].edit(doc, Patch(fields={"title": "By Bob"}))
    edited_in_javascript(camp, "alice", doc, tmp_path / "js", title="By JavaScript")
    camp.meet()

    (row,) = camp.conflicts("alice", "field")

    assert {side.value for side in row.sides} == {"By Bob", "By JavaScript"}
    assert camp.conflicts("bob") == [row]
    assert assert_both_see_the_same(camp["alice"], tmp_path / "again") == 1


def test_javascript_settles_a_conflict_by_writing_the_field(camp: Camp, tmp_path: Path) -> None:
    doc = a_task(camp)
    for name in camp.people:
        camp[name].edit(doc, Patch(fields={"title": f"By {name}"}))
    camp.meet()
    assert len(camp.conflicts("alice", "field")) == 1

    edited_in_javascript(camp, "alice", doc, tmp_path / "js", title="Agreed")
    camp.meet()

    assert camp.conflicts("alice") == camp.conflicts("bob") == []
    assert camp["bob"].task(doc).title == "Agreed"
