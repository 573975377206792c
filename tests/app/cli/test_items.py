"""Tasks and notes from the command line: what is typed is what is there."""

import io
import json
import sys
from pathlib import Path

import pytest

from tests.app.cli.conftest import Cairn, keys

TASK = keys(
    "id kind space title state due priority list assignee tags parent order repeat body trashed"
    " created_at updated_at sync conflicts events"
)
NOTE = keys("id kind space title body tags pinned trashed created_at updated_at sync conflicts")


def test_quick_add_reads_everything_that_was_typed(cairn: Cairn) -> None:
    typed = "Buy rope 2027-03-01 #climb !high @Kit +Hut every week"

    task = cairn("add", *typed.split(), "--json").value

    assert list(task) == TASK
    assert (task["kind"], task["title"], task["state"]) == ("task", "Buy rope", "open")
    assert (task["due"], task["priority"]) == ("2027-03-01", "high")
    assert (task["assignee"], task["list"]) == ("Kit", "Hut")
    assert (task["tags"], task["repeat"]) == (["climb"], "FREQ=WEEKLY")
    assert (task["sync"], task["space"], task["trashed"]) == ("local", "Personal", False)


def test_text_in_quotes_and_in_words_is_the_same(cairn: Cairn) -> None:
    one = cairn("add", "Buy rope", "--json").value
    other = cairn("--json", "add", "Buy", "rope").value
    assert one["title"] == other["title"] == "Buy rope"


def test_a_subtask_is_added_to_its_task_by_a_shortened_id(cairn: Cairn) -> None:
    task = cairn("add", "Trip", "--json").value
    child = cairn("add", "Rope", "--parent", task["id"][:9], "--json").value
    assert child["parent"] == task["id"]


def test_text_says_what_was_added(cairn: Cairn) -> None:
    answer = cairn("add", "Buy rope #climb")
    assert answer.status == 0
    assert answer.out.startswith("Added ○ Buy rope · #climb  (t1")


def test_all_tasks_are_listed_in_order_and_as_a_table_for_people(cairn: Cairn) -> None:
    titles = ["One", "Two", "Three"]
    for title in titles:
        cairn("add", title)

    assert [task["title"] for task in cairn("tasks", "--json").value] == titles
    shown = cairn("tasks").out.splitlines()
    assert [line.split("○ ")[1] for line in shown[:3]] == titles
    assert shown[3] == "3 tasks"


def test_tasks_are_chosen_by_list_tag_and_state(cairn: Cairn) -> None:
    cairn("add", "Rope #climb +Hut")
    cairn("add", "Bread")

    def titles(*options: str) -> list[str]:
        return [task["title"] for task in cairn("tasks", "--json", *options).value]

    assert titles("--tag", "climb") == ["Rope"]
    assert titles("--tag", "#climb") == ["Rope"]
    assert titles("--list", "Hut") == ["Rope"]
    assert titles("--state", "done") == []
    assert titles("--state", "open") == ["Rope", "Bread"]


def test_editing_changes_what_is_named_and_leaves_the_rest(cairn: Cairn) -> None:
    task = cairn("add", "Buy rope !high #climb", "--json").value

    edited = cairn(
        *("edit", task["id"], "--json", "--title", "Buy a long rope", "--due", "2027-03-01"),
        *("--tag", "+gear", "--tag=-climb", "--assignee", "Kit", "--list", "Hut"),
        *("--repeat", "every week"),
    ).value

    changed = {name for name in TASK if edited[name] != task[name]} - {"updated_at"}
    assert changed == {"title", "due", "tags", "assignee", "list", "repeat"}
    assert edited["tags"] == ["gear"]


def test_none_clears_a_field(cairn: Cairn) -> None:
    task = cairn("add", "Rope 2027-03-01 !high +Hut @Kit every week", "--json").value
    cleared = cairn(
        *("edit", task["id"], "--json", "--due", "none", "--priority", "none", "--list", "none"),
        *("--assignee", "none", "--repeat", "none"),
    ).value
    names = ("due", "priority", "list", "assignee", "repeat")
    assert [cleared[name] for name in names] == [None] * 5


def test_a_tag_without_a_sign_is_added(cairn: Cairn) -> None:
    task = cairn("add", "Rope #a", "--json").value
    assert cairn("edit", task["id"], "--tag", "b", "--json").value["tags"] == ["a", "b"]


def test_a_task_is_moved_before_and_after_another(cairn: Cairn) -> None:
    one, two, three = (cairn("add", title, "--json").value["id"] for title in ("1", "2", "3"))

    cairn("edit", three, "--before", one)
    assert [task["id"] for task in cairn("tasks", "--json").value] == [three, one, two]
    cairn("edit", three, "--after", two)
    assert [task["id"] for task in cairn("tasks", "--json").value] == [one, two, three]


def test_a_body_comes_from_a_file_or_from_standard_input(
    cairn: Cairn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "body.md"
    file.write_bytes(b"\xef\xbb\xbfline 1\r\nline 2\n")
    note = cairn("note", "Packing list", "--body", str(file), "--tag", "trip", "--json").value
    assert list(note) == NOTE
    assert note["body"] == "line 1\nline 2\n"
    assert note["tags"] == ["trip"]

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("über".encode())))
    edited = cairn("edit", note["id"], "--body", "-", "--json").value
    assert edited["body"] == "über"


def test_a_note_is_pinned_and_unpinned(cairn: Cairn) -> None:
    note = cairn("note", "Radio", "--json").value
    assert cairn("edit", note["id"], "--pin", "--json").value["pinned"] is True
    assert cairn("edit", note["id"], "--unpin", "--json").value["pinned"] is False


def test_notes_are_listed_without_their_texts(cairn: Cairn, tmp_path: Path) -> None:
    file = tmp_path / "body.md"
    file.write_text("a secret word", encoding="utf-8")
    cairn("note", "Radio plan", "--body", str(file))

    (listed,) = cairn("notes", "--json").value

    assert list(listed) == NOTE
    assert listed["body"] is None
    assert "Radio plan" in cairn("notes").out


def test_show_gives_an_item_whole(cairn: Cairn) -> None:
    task = cairn("add", "Buy rope", "--json").value
    shown = cairn("show", task["id"][:8], "--json").value
    assert shown.pop("confirmed") == {"this_device": True, "server": None, "devices": []}
    assert shown == task
    assert task["id"] in cairn("show", task["id"]).out


def test_an_older_version_is_shown_as_it_was(cairn: Cairn) -> None:
    task = cairn("add", "Buy rope", "--json").value
    cairn("edit", task["id"], "--title", "Sell rope")
    versions = cairn("history", task["id"], "--json").value

    shown = {
        cairn("show", task["id"], "--at", each["version"], "--json").value["title"]
        for each in versions
    }

    assert shown == {"Buy rope", "Sell rope"}


def test_a_search_finds_words_in_titles_and_texts(cairn: Cairn) -> None:
    task = cairn("add", "Buy rope", "--json").value
    (hit,) = cairn("search", "rope", "--json").value
    assert list(hit) == keys("id kind title snippet score")
    assert hit["id"] == task["id"]
    assert "Buy rope" in cairn("search", "rope").out
    assert cairn("search", "yeti", "--json").value == []


def test_a_search_takes_filters(cairn: Cairn) -> None:
    cairn("add", "Buy rope #climb +Hut tomorrow")
    cairn("add", "Buy bread")

    def titles(*words: str) -> list[str]:
        return [hit["title"] for hit in cairn("search", "--json", "--", *words).value]

    assert titles("buy", "tag:climb") == ["Buy rope"]
    assert titles("is:open", "due:none") == ["Buy bread"]
    assert titles("in:hut") == ["Buy rope"]
    assert titles("buy", "-in:hut") == ["Buy bread"]


def test_a_filter_that_cannot_be_read_is_refused_with_a_sentence(cairn: Cairn) -> None:
    answer = cairn("search", "is:nice", "--json")

    assert answer.status == 1
    assert "one of open, started" in answer.error["detail"]


@pytest.mark.parametrize(
    ("events", "state"),
    [
        (["start"], "started"),
        (["block"], "blocked"),
        (["done"], "done"),
        (["cancel"], "cancelled"),
        (["done", "reopen"], "open"),
    ],
)
def test_a_task_goes_through_its_life(cairn: Cairn, events: list[str], state: str) -> None:
    task = cairn("add", "Buy rope", "--json").value
    for event in events:
        last = cairn(event, task["id"], "--reason", "because", "--json").value
    assert last["state"] == state
    assert [each["type"] for each in last["events"]] == events
    assert last["events"][-1]["reason"] == "because"
    assert last["events"][-1]["applied"] is True


def test_what_a_tasks_state_does_not_allow_is_refused_with_the_reason(cairn: Cairn) -> None:
    task = cairn("add", "Buy rope", "--json").value
    cairn("done", task["id"])

    refused = cairn("start", task["id"], "--json")

    assert refused.status == 1
    assert refused.error["type"] == "invalid-transition"


def test_a_note_has_no_lifecycle(cairn: Cairn) -> None:
    note = cairn("note", "Radio", "--json").value
    assert cairn("done", note["id"], "--json").status == 1


def test_the_trash_gives_back_what_it_holds_until_it_is_emptied(cairn: Cairn) -> None:
    task = cairn("add", "Buy rope", "--json").value
    note = cairn("note", "Radio", "--json").value

    assert cairn("rm", task["id"], "--json").value["trashed"] is True
    cairn("rm", note["id"])
    assert {each["id"] for each in cairn("trash", "--json").value} == {task["id"], note["id"]}
    assert [each["id"] for each in cairn("tasks", "--view", "trash", "--json").value] == [
        task["id"]
    ]
    assert cairn("tasks", "--json").value == []

    assert cairn("restore", task["id"], "--json").value["trashed"] is False
    assert [each["id"] for each in cairn("trash", "--empty", "--json").value] == [note["id"]]
    assert cairn("trash", "--json").value == []


def test_history_names_each_version_and_revert_goes_back_as_a_new_change(cairn: Cairn) -> None:
    task = cairn("add", "Buy rope", "--json").value
    cairn("edit", task["id"], "--title", "Sell rope")
    versions = cairn("history", task["id"], "--json").value
    assert list(versions[0]) == keys("version author device at summary")
    first = next(
        each["version"]
        for each in versions
        if cairn("show", task["id"], "--at", each["version"], "--json").value["title"] == "Buy rope"
    )

    reverted = cairn("revert", task["id"], "--at", first[:12], "--json").value

    assert reverted["title"] == "Buy rope"
    assert len(cairn("history", task["id"], "--json").value) == len(versions) + 1
    assert "Buy rope" in cairn("revert", task["id"], "--at", first).out


def test_undo_takes_back_the_last_act_and_redo_does_it_again(cairn: Cairn) -> None:
    task = cairn("add", "Buy rope", "--json").value
    cairn("edit", task["id"], "--title", "Sell rope")

    undone = cairn("undo", "--json").value
    assert list(undone) == keys("undone items")
    assert [each["title"] for each in undone["items"]] == ["Buy rope"]

    assert [each["title"] for each in cairn("redo", "--json").value["items"]] == ["Sell rope"]


def test_undo_and_redo_call_an_act_what_the_app_calls_it(cairn: Cairn) -> None:
    cairn("whoami", "--name", "Ann")

    assert cairn("undo").out == "Undone: changing a name\n"
    assert cairn("redo").out == "Done again: changing a name\n"


def test_with_nothing_to_undo_undo_is_refused(cairn: Cairn) -> None:
    refused = cairn("undo", "--json")
    assert refused.status == 1
    assert refused.error["type"] == "nothing-to-undo"


def test_who_one_is_can_be_asked_and_changed(cairn: Cairn, home: Path) -> None:
    asked = cairn("whoami", "--json").value
    assert list(asked) == keys("person device replica_id home")
    assert asked["person"]
    assert asked["device"]
    assert asked["home"] == str(home)

    changed = cairn("whoami", "--name", "Ada", "--device", "phone", "--json").value
    assert (changed["person"], changed["device"]) == ("Ada", "phone")
    assert changed["replica_id"] == asked["replica_id"]
    assert cairn("whoami").out == f"Ada on phone, in {home}\n"


def test_the_first_command_makes_the_home_with_one_local_space(cairn: Cairn, home: Path) -> None:
    (space,) = cairn("spaces", "--json").value
    assert (space["name"], space["kind"], space["current"]) == ("Personal", "local", True)
    assert home.is_dir()
    assert "Personal" in cairn("spaces").out


def test_global_options_are_taken_before_and_after_the_command(
    cairn: Cairn, tmp_path: Path
) -> None:
    other = str(tmp_path / "other")
    cairn("--home", other, "add", "Rope")
    assert [t["title"] for t in cairn("tasks", "--json", "--home", other).value] == ["Rope"]
    assert cairn("tasks", "--json").value == []


def test_the_later_of_two_homes_counts(cairn: Cairn, tmp_path: Path) -> None:
    home = str(tmp_path / "later")
    assert cairn("--home", "/nowhere", "whoami", "--json", "--home", home).value["home"] == home


def test_the_digest_has_the_contracts_keys_and_moves_with_an_edit(cairn: Cairn) -> None:
    before = cairn("digest", "--json").value
    assert list(before) == keys("heads view docs changes")
    cairn("add", "Rope")
    after = cairn("digest", "--json").value
    assert (after["docs"], before["heads"] == after["heads"]) == (before["docs"] + 1, False)


def test_the_doctor_finds_a_new_home_sound(cairn: Cairn) -> None:
    cairn("add", "Rope")
    found = cairn("doctor", "--json").value
    assert list(found) == keys("ok checks")
    assert found["ok"] is True
    assert list(found["checks"][0]) == keys("name ok detail")
    assert cairn("doctor").status == 0


def test_a_repair_keeps_all_and_says_what_it_did(cairn: Cairn) -> None:
    task = cairn("add", "Rope", "--json").value

    repaired = cairn("doctor", "--repair", "--json")

    assert (repaired.status, repaired.value["ok"]) == (0, True)
    assert cairn("tasks", "--json").value == [task]


def test_a_damaged_home_is_a_finding_of_the_doctor_and_repaired(cairn: Cairn, home: Path) -> None:
    for number in range(50):
        cairn("add", f"Task {number}")
    whole = (home / "cairn.db").read_bytes()
    (home / "cairn.db").write_bytes(b"\0" * 100 + whole[100:])
    assert cairn("tasks").status == 1

    found = cairn("doctor", "--json")
    assert (found.status, json.loads(found.out)["ok"]) == (1, False)
    assert "✘" in cairn("doctor").out
    repaired = cairn("doctor", "--repair", "--json")

    assert (repaired.status, repaired.value["ok"]) == (0, True)
    assert len(cairn("tasks", "--json").value) == 50


def test_a_home_without_a_server_is_local(cairn: Cairn) -> None:
    cairn("add", "Rope")
    status = cairn("status", "--json").value
    assert list(status) == keys("state pending parked conflicts last_synced_at retry_at peers")
    assert (status["state"], status["peers"]) == ("local", [])


@pytest.mark.parametrize("argv", [["conflicts"], ["conflicts", "--settled"], ["parked"]])
def test_with_nothing_to_settle_the_lists_are_empty(cairn: Cairn, argv: list[str]) -> None:
    assert cairn(*argv, "--json").value == []
    assert len(cairn(*argv).out.splitlines()) == 1


def test_a_title_with_anything_in_it_comes_back_as_it_was(cairn: Cairn) -> None:
    title = 'quote " and \\ and émoji 🧗 and עברית'
    task = cairn("edit", cairn("add", "x", "--json").value["id"], "--title", title, "--json").value
    assert task["title"] == title
    assert json.loads(cairn("tasks", "--json").out)[0]["title"] == title
