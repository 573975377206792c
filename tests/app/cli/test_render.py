"""What a person reads: the facts are there, nothing is cut, and no colours in a pipe."""

from datetime import UTC, datetime

from app.cli.render.conflicts import conflict_list
from app.cli.render.items import hit_list, item_page, note_list, task_list
from app.cli.render.past import check_list, version_list
from app.cli.render.sync import parked_list, space_list, status_page
from store.doctor import Check
from store.rows import PeerRow, RefusalRow, SearchHit, SpaceRow, Status, VersionRow
from tests.app.cli.rows import (
    MORNING_MS,
    conflict_row,
    event_row,
    note_row,
    settled_by,
    side,
    task_row,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_list_shows_state_title_due_tags_and_marks() -> None:
    shown = task_list(
        [
            task_row(due="2026-11-24", tags=("climb",), sync="pending"),
            task_row(id="t1" + "b" * 26, title="Pack", state="done", conflicts=("c1",)),
        ],
        NOW,
    )

    first, second, count = shown.splitlines()
    for part in ("t1aaaaaa", "○ Buy rope", "tomorrow", "#climb", "↑ not sent yet"):
        assert part in first
    for part in ("✔ Pack", "⚑ 1 conflict"):
        assert part in second
    assert count == "2 tasks · 1 not sent yet · 1 with a conflict (cairn conflicts)"


def test_a_long_title_stays_whole_in_a_pipe_and_on_its_line() -> None:
    title = "word " * 300 + "end"
    shown = task_list([task_row(title=title), task_row(id="t1" + "b" * 26)], NOW)

    assert title in shown
    assert len(shown.splitlines()) == 3
    assert not any(line.endswith(" ") for line in shown.splitlines())


def test_a_pipe_gets_no_colours() -> None:
    assert "\x1b" not in task_list([task_row(due="2020-01-01", priority="high")], NOW)


def test_square_brackets_and_smileys_in_titles_stay_what_they_are() -> None:
    shown = task_list([task_row(title="[red]stop[/red] :smile:")], NOW)
    assert "[red]stop[/red] :smile:" in shown


def test_a_subtask_stands_below_its_task() -> None:
    parent = task_row(id="t1" + "p" * 26, title="Trip")
    child = task_row(id="t1" + "c" * 26, title="Rope", parent=parent.id)
    other = task_row(id="t1" + "o" * 26, title="Other")

    lines = task_list([child, other, parent], NOW).splitlines()

    assert [line.split(maxsplit=1)[1].strip() for line in lines[:3]] == [
        "○ Other",
        "○ Trip",
        "○ Rope",
    ]
    assert lines[2].index("○") > lines[1].index("○")


def test_tasks_that_are_each_others_parents_are_still_listed() -> None:
    one = task_row(id="t1" + "x" * 26, title="One", parent="t1" + "y" * 26)
    two = task_row(id="t1" + "y" * 26, title="Two", parent=one.id)

    shown = task_list([one, two], NOW)

    assert "One" in shown
    assert "Two" in shown


def test_an_empty_list_says_what_to_do() -> None:
    assert "cairn add" in task_list([], NOW)
    assert "cairn note" in note_list([], NOW)


def test_an_items_page_shows_its_text_and_what_happened() -> None:
    shown = item_page(
        task_row(
            body="line 1\nline 2",
            events=(
                event_row("block", reason="no rope"),
                event_row("done", applied=False, why="it was cancelled"),
            ),
        ),
        NOW,
    )

    for part in (
        "t1" + "a" * 26,
        "line 1\nline 2",
        "block",
        "“no rope”",
        "it was cancelled",
        "Ada",
    ):
        assert part in shown


def test_a_conflict_shows_every_side_with_author_and_time_and_how_to_settle_it() -> None:
    row = conflict_row(side("2026-11-24", "Ada", shown=True), side("2026-11-28", "Bob"))

    shown = conflict_list([row], NOW, settled=False)

    for part in ("Buy rope", "due", "2026-11-24", "2026-11-28", "Ada", "Bob", "08:49", "shown now"):
        assert part in shown
    assert "cairn resolve caaaaaaa --take 0 | --take 1 | --value VALUE" in shown


def test_a_cleared_side_is_shown_as_nothing_and_a_strange_date_as_it_is() -> None:
    shown = conflict_list([conflict_row(side(None), side("next moon"))], NOW, settled=False)

    assert "(nothing)" in shown
    assert "next moon" in shown


def test_a_settled_conflict_says_who_settled_it_and_how_to_open_it_again() -> None:
    row = conflict_row(side("a"), side("b"), field="title", settled=settled_by("Bob", "b"))

    shown = conflict_list([row], NOW, settled=True)

    assert "settled by Bob on laptop, 08:49: b" in shown
    assert "cairn unresolve caaaaaaa" in shown


def test_no_conflicts_is_good_news() -> None:
    assert conflict_list([], NOW, settled=False) == "No conflicts: all agree."


def test_status_says_the_state_and_what_waits() -> None:
    peer = PeerRow(
        "p", "Hut", "https://hut", "server", "offline", 3, MORNING_MS, MORNING_MS, "no answer", None
    )
    shown = status_page(Status("offline", 3, 1, 2, MORNING_MS, None, (peer,)), NOW)

    for part in (
        "Offline",
        "3 changes",
        "1 item",
        "2 conflicts",
        "08:49",
        "https://hut",
        "no answer",
    ):
        assert part in shown


def test_what_only_a_server_can_decide_is_not_said_to_be_unsent() -> None:
    shown = status_page(Status("pending", 1, 0, 0, MORNING_MS, None, (), undecidable=1), NOW)

    assert "decided yet" in shown
    assert "1 request about supplies or money" in shown
    assert "cairn space publish" in shown
    assert "sent" not in shown


def test_a_home_without_a_server_does_not_claim_to_be_synced() -> None:
    shown = status_page(Status("local", 0, 0, 0, None, None, ()), NOW)
    assert shown == "Nothing to sync with: no space has a server, or is shared with devices nearby."


def test_a_space_that_was_never_fully_synced_says_so() -> None:
    assert "never fully synced" in status_page(Status("pending", 1, 0, 0, None, None, ()), NOW)


def test_found_words_keep_their_spaces_and_lose_their_marks() -> None:
    hit = SearchHit("n1abcdefgh", "note", "Knots", "tie the \ue000rope\ue001 twice", 1.0)

    shown = hit_list([hit], "rope")

    assert "tie the rope twice" in shown
    assert "\ue000" not in shown


def test_a_search_without_a_hit_names_what_was_sought() -> None:
    assert hit_list([], "yeti") == "Nothing found for 'yeti'."


def test_the_other_lists_show_their_rows() -> None:
    versions = version_list([VersionRow("ab" * 32, "Ada", "phone", MORNING_MS, "set due")], NOW)
    assert "abababab" in versions
    assert "set due" in versions
    assert "✘  log" in check_list([Check("log", False, "a gap at 7")])
    spaces = space_list([SpaceRow("s1", "Hut", "hosted", True, "owner", "https://hut")])
    assert "→" in spaces
    assert "Hut" in spaces
    parked = parked_list([RefusalRow("ab" * 32, "t1x", "Buy rope", "too large", 2, 0)])
    assert "Buy rope" in parked
    assert "too large" in parked
    assert "Packing list" in note_list([note_row()], NOW)
