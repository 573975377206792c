"""A machine for which there is no Automerge: told at once, in one line, before anything is made."""

import sys
from pathlib import Path

import pytest

from app.cli.requirement import NotForThisMachine, ensure_automerge
from tests.app.cli.conftest import Cairn


def test_where_automerge_is_installed_nothing_is_said() -> None:
    ensure_automerge()


def test_where_it_is_missing_the_line_says_what_this_machine_is_and_what_to_do() -> None:
    with pytest.raises(NotForThisMachine) as refusal:
        ensure_automerge(lambda name: None)

    assert f"Python {sys.version_info[0]}.{sys.version_info[1]}" in str(refusal.value)
    assert "install Cairn where" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("argv", [["add", "rope"], ["serve"], ["tasks"], []])
def test_no_command_half_works_without_it(
    cairn: Cairn, home: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, "automerge", None)  # as Python has what can't be imported

    answer = cairn("--json", *argv)

    assert (answer.status, answer.error["type"]) == (1, "not-for-this-machine")
    assert not home.exists()
    assert cairn("--version").status == 0
