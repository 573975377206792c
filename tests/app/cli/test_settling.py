"""Conflicts between two homes, by the command line: shown to both, settled by one for both."""

from pathlib import Path
from typing import Any

import pytest

from tests.app.cli.conftest import Person, both_sync


def test_a_conflict_is_shown_to_both_and_settled_by_one_for_both(
    alice: Person, bob: Person
) -> None:
    task = alice("add", "Buy rope", "--json").value["id"]
    both_sync(alice, bob)
    alice("edit", task, "--due", "2027-03-01")
    bob("edit", task, "--due", "2027-04-01")
    both_sync(alice, bob)

    synced = alice("sync", "--json")
    assert synced.status == 4
    assert synced.value["conflicts"] == 1
    (conflict,) = alice("conflicts", "--json").value
    assert bob("conflicts", "--json").value == [conflict]
    assert [side["value"] for side in conflict["sides"]] == ["2027-03-01", "2027-04-01"] or [
        side["value"] for side in conflict["sides"]
    ] == ["2027-04-01", "2027-03-01"]
    assert {side["author"] for side in conflict["sides"]} == {"Alice", "Bob"}

    settled = bob("resolve", conflict["id"][:10], "--value", "1 may 2027", "--json")
    assert settled.value["due"] == "2027-05-01"
    both_sync(bob, alice)

    assert alice("conflicts", "--json").value == []
    (told,) = alice("conflicts", "--settled", "--json").value
    assert (told["settled"]["by"], told["settled"]["value"]) == ("Bob", "2027-05-01")
    assert alice.sees(task)["due"] == "2027-05-01"

    assert alice("unresolve", told["id"], "--json").value["id"] == task
    assert len(alice("conflicts", "--json").value) == 1


@pytest.fixture
def conflict(alice: Person, bob: Person) -> dict[str, Any]:
    """A priority that Alice and Bob wrote differently while apart."""
    task = alice("add", "Buy rope", "--json").value["id"]
    both_sync(alice, bob)
    alice("edit", task, "--priority", "high")
    bob("edit", task, "--priority", "low")
    both_sync(alice, bob)
    (found,) = alice("conflicts", "--json").value
    return dict(found)


def test_taking_a_side_by_its_number_settles_on_it(alice: Person, conflict: dict[str, Any]) -> None:
    taken = alice("resolve", conflict["id"], "--take", "1", "--json").value

    assert taken["priority"] == conflict["sides"][1]["value"]
    assert alice("resolve", conflict["id"], "--take", "1", "--json").error["type"] == "refused"


def test_a_value_that_the_field_cannot_hold_settles_nothing(
    alice: Person, conflict: dict[str, Any]
) -> None:
    assert alice("resolve", conflict["id"], "--value", "urgent").status == 2
    assert alice("resolve", conflict["id"], "--take", "7").status == 1
    assert len(alice("conflicts", "--json").value) == 1
    assert alice("resolve", conflict["id"], "--value", "none", "--json").value["priority"] is None


def test_a_passage_is_settled_with_a_text_from_a_file(
    alice: Person, bob: Person, tmp_path: Path
) -> None:
    file = tmp_path / "text.md"
    file.write_text("Meet at eight.", encoding="utf-8")
    note = alice("note", "Plan", "--body", str(file), "--json").value["id"]
    both_sync(alice, bob)
    for person, text in ((alice, "Meet at nine."), (bob, "Meet at eight, at the hut.")):
        file.write_text(text, encoding="utf-8")
        person("edit", note, "--body", str(file))
    both_sync(alice, bob)
    (conflict,) = bob("conflicts", "--json").value
    assert conflict["kind"] == "passage"

    file.write_text("Meet at nine, at the hut.", encoding="utf-8")
    settled = bob("resolve", conflict["id"], "--file", str(file), "--json").value

    assert settled["body"] == "Meet at nine, at the hut."
    assert bob("conflicts", "--json").value == []
