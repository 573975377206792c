"""A command line that can't be read: status 2, one clear line, nothing done."""

from pathlib import Path

import pytest

from tests.app.cli.conftest import Cairn

# What is typed wrongly, and a word that the line about it must hold.
MISTYPED = [
    (["ad", "rope"], "Did you mean 'add'"),
    (["not"], "'notices'?) See cairn --help."),
    (["no-such-command"], "no-such-command"),
    (["--no-such-option"], "--no-such-option"),
    (["edit", "--bdy", "x"], "--body"),
    (["add"], "TEXT"),
    (["note"], "TITLE"),
    (["show"], "ID"),
    (["show", "one", "two"], "two"),
    (["edit", "t1"], "what to change"),
    (["edit", "t1", "--before", "a", "--after", "b"], "not both"),
    (["edit", "t1", "--priority", "urgent"], "medium"),
    (["edit", "t1", "--tag", "+"], "no letters"),
    (["edit", "t1", "--tag", "+a", "--tag=-a"], "both added and removed"),
    (["edit", "t1", "--due"], "--due"),
    (["tasks", "--view", "nope"], "upcoming"),
    (["tasks", "--state", "nope"], "cancelled"),
    (["notes", "--view", "inbox"], "trash"),
    (["note", "x", "--tag=-a"], "no tags to remove"),
    (["move", "t1"], "--space"),
    (["resolve", "c1"], "exactly one"),
    (["resolve", "c1", "--take", "0", "--value", "x"], "exactly one"),
    (["resolve", "c1", "--take", "first"], "whole number"),
    (["resolve", "c1", "--take", "-1"], "-1"),
    (["revert", "t1"], "--at"),
    (["space"], "Missing command"),
    (["space", "crate", "Hut"], "create"),
    (["space", "publish", "Hut"], "--server"),
    (["space", "use"], "NAME"),
    (["invite", "--role", "king"], "viewer"),
    (["invite", "--expires", "soon"], "7d"),
    (["invite", "--expires", "0d"], "7d"),
    (["join"], "LINK"),
    (["sync", "--timeout", "never"], "never"),
    (["sync", "--timeout", "0"], "0"),
    (["import"], "PATH"),
    (["import", "x", "--format", "word"], "markdown"),
    (["import", "x.ics", "--tasks"], "Markdown"),
    (["export", "x"], "--format"),
    (["export", "x", "--format", "joplin"], "automerge"),
    (["--port", "8080", "tasks"], "without a command"),
    (["--port", "99999"], "99999"),
    (["--home", "", "tasks"], "--home"),
    (["tasks", "--space", ""], "--space"),
    (["add", "bad \udcff text"], "UTF-8"),
]


@pytest.mark.parametrize(("argv", "part"), MISTYPED)
def test_a_mistyped_line_is_told_in_one_line_of_text(
    cairn: Cairn, home: Path, argv: list[str], part: str
) -> None:
    answer = cairn(*argv)

    assert answer.status == 2
    assert answer.out == ""
    assert answer.err.startswith("cairn: ")
    assert answer.err.count("\n") == 1
    assert part in answer.err
    assert not home.exists(), "a mistyped line made a home"


@pytest.mark.parametrize(("argv", "part"), MISTYPED)
def test_a_mistyped_line_is_told_in_one_line_of_json(
    cairn: Cairn, argv: list[str], part: str
) -> None:
    answer = cairn("--json", *argv)

    assert answer.status == 2
    assert answer.error["type"] == "usage"
    assert part in answer.error["detail"]


def test_json_asked_for_after_the_slip_still_gives_the_error_as_json(cairn: Cairn) -> None:
    assert cairn("edit", "t1", "--bogus", "--json").error["type"] == "usage"


def test_json_behind_two_dashes_is_text_and_no_option(cairn: Cairn) -> None:
    assert cairn("bogus", "--", "--json").err.startswith("cairn: ")


@pytest.mark.parametrize("argv", [["--help"], ["add", "--help"], ["space", "create", "--help"]])
def test_help_is_on_standard_output_and_makes_no_home(
    cairn: Cairn, home: Path, argv: list[str]
) -> None:
    answer = cairn(*argv)

    assert answer.status == 0
    assert answer.out.startswith("Usage: cairn")
    assert answer.err == ""
    assert not home.exists()


def test_the_version_is_shown(cairn: Cairn) -> None:
    assert cairn("--version").out.startswith("cairn ")
    assert set(cairn("--json", "--version").value) == {"version"}
