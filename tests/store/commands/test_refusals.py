"""What a refused change would take away, named in a list and shown beside what the server has."""

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.errors import NotFound
from store.replica import Replica
from store.rows import Difference
from tests.support.refusing import refused_at


def test_a_list_names_what_is_refused(alice: Replica) -> None:
    note = alice.add_note("Log", body="One.\n")
    alice.edit(note, Patch(body="One.\nTwo.\n"))
    refused_at(alice, note, 1)

    (row,) = alice.refusals()

    assert (row.doc_id, row.title, row.reason, row.changes) == (note, "Log", "not-loadable", 1)


def test_the_page_of_one_says_what_the_server_has_instead(alice: Replica) -> None:
    task = alice.add_task(NewTask("Rope", tags=("climb",)))
    alice.edit(task, Patch(fields={"title": "Long rope", "due": "2030-01-05"}, add_tags=("hut",)))
    alice.edit(task, Patch(body="Sixty metres.\n"))
    alice.transition(task, "start")
    refused_at(alice, task, 1)

    found = alice.refusal(task)

    assert not found.is_whole
    assert found.differences == (
        Difference("title", "Rope", "Long rope"),
        Difference("body", None, "Sixty metres.\n"),
        Difference("due", None, "2030-01-05"),
        Difference("state", "open", "started"),
        Difference("tags", "climb", "climb, hut"),
    )


def test_where_all_of_an_item_is_refused_the_server_has_nothing_of_it(alice: Replica) -> None:
    note = alice.add_note("Log", body="One.\n")
    refused_at(alice, note, 0)

    found = alice.refusal(note)

    assert found.is_whole
    assert Difference("title", None, "Log") in found.differences


def test_what_is_not_refused_has_no_such_page(alice: Replica) -> None:
    with pytest.raises(NotFound, match="refused"):
        alice.refusal(alice.add_note("Log"))


def test_taking_back_leaves_what_the_page_said_the_server_has(alice: Replica) -> None:
    task = alice.add_task(NewTask("Rope"))
    alice.edit(task, Patch(fields={"title": "Long rope"}))
    alice.edit(task, Patch(fields={"due": "2030-01-05"}))  # follows it, so it goes too
    refused_at(alice, task, 1)
    told = {each.name: each.there for each in alice.refusal(task).differences}

    alice.take_back(task)

    row = alice.task(task)
    assert told == {"title": row.title, "due": row.due} == {"title": "Rope", "due": None}
    assert alice.refusals() == []
