"""Homes that can't be used as they are: one clear sentence each, and nothing is lost or made up."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from store.errors import (
    HomeCorrupt,
    HomeReadOnly,
    SchemaTooNew,
    StoreError,
)
from store.replica import Replica
from tests.store.damage import behind, furnish, items, opened


@dataclass(frozen=True)
class Bad:
    """A home that can't be used.

    Attributes:
        home: its folder.
        error: what opening it raises.
        says: a part of the sentence.
    """

    home: Path
    error: type[StoreError]
    says: str


def garbage(folder: Path) -> Bad:
    home = made(folder)
    (home / "cairn.db").write_bytes(b"all work and no play " * 1000)
    return Bad(home, HomeCorrupt, "cairn doctor --repair")


def truncated(folder: Path) -> Bad:
    home = made(folder)
    content = (home / "cairn.db").read_bytes()
    (home / "cairn.db").write_bytes(content[: len(content) // 2])
    return Bad(home, HomeCorrupt, "cairn doctor --repair")


def newer(folder: Path) -> Bad:
    home = made(folder)
    with behind(home) as conn:
        conn.execute("PRAGMA user_version=99")
    return Bad(home, SchemaTooNew, "update Cairn")


def another_program_s(folder: Path) -> Bad:
    home = folder / "home"
    home.mkdir()
    with behind(home) as conn:
        conn.execute("CREATE TABLE photos (id)")
    return Bad(home, HomeCorrupt, "not a database of Cairn")


def a_file_in_its_place(folder: Path) -> Bad:
    (folder / "home").write_text("I was here first")
    return Bad(folder / "home", HomeReadOnly, "check the permissions")


def below_a_file(folder: Path) -> Bad:
    (folder / "file").write_text("I was here first")
    return Bad(folder / "file" / "home", HomeReadOnly, "check the permissions")


def where_nobody_may_write(_: Path) -> Bad:
    return Bad(Path("/proc/cairn"), HomeReadOnly, "choose another with --home")


def a_folder_named_like_the_database(folder: Path) -> Bad:
    (folder / "home" / "cairn.db").mkdir(parents=True)
    return Bad(folder / "home", HomeReadOnly, "can't be opened")


BAD: tuple[Callable[[Path], Bad], ...] = (
    garbage,
    truncated,
    newer,
    another_program_s,
    a_file_in_its_place,
    below_a_file,
    where_nobody_may_write,
    a_folder_named_like_the_database,
)


def made(folder: Path) -> Path:
    with opened(folder / "home") as replica:
        furnish(replica)
    return folder / "home"


def contents(folder: Path) -> dict[Path, bytes | None]:
    return {
        path: path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))
    }


def cairn(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "--home", str(home), *words],
        capture_output=True,
        text=True,
        check=False,
    )


# -- opening ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", BAD)
def test_a_home_that_can_not_be_used_is_named_in_one_sentence_and_left_as_it_is(
    bad: Callable[[Path], Bad], tmp_path: Path
) -> None:
    case = bad(tmp_path)
    before = contents(tmp_path)

    with pytest.raises(case.error) as refused:
        Replica.open(case.home)

    said = str(refused.value)
    assert case.says in said
    assert "\n" not in said
    assert said.endswith(".")
    assert str(case.home) in said or case.error is SchemaTooNew
    assert contents(tmp_path) == before


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("command", [("tasks",), ("add", "Buy rope"), ("digest",)])
def test_a_command_says_so_in_one_line_and_leaves_with_status_1(
    command: tuple[str, ...], bad: Callable[[Path], Bad], tmp_path: Path
) -> None:
    case = bad(tmp_path)
    before = contents(tmp_path)

    plain, asked_for_json = cairn(case.home, *command), cairn(case.home, *command, "--json")

    assert (plain.returncode, plain.stdout) == (1, "")
    assert plain.stderr.count("\n") == 1
    assert plain.stderr.startswith("cairn: ")
    assert str(case.home) in plain.stderr or case.says in plain.stderr
    assert (asked_for_json.returncode, asked_for_json.stdout) == (1, "")
    assert json.loads(asked_for_json.stderr)["error"].keys() == {"type", "title", "detail"}
    assert contents(tmp_path) == before


# Opens one home to have all modules, then as somebody who may write nowhere the one in question.
AS_NOBODY = """
import os, sys
from pathlib import Path
from store.commands.patches import NewTask
from store.errors import StoreError
from store.replica import Replica
Replica.open(Path("other")).close()
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65_534), os.setuid(65_534)
try:
    Replica.open(Path("home")).add_task(NewTask("Into a folder that is not mine"))
except StoreError as error:
    print(type(error).__name__, error)
"""


def test_a_home_that_may_only_be_read_says_so_and_is_whole_afterwards(tmp_path: Path) -> None:
    home = made(tmp_path)
    before = items(home)
    tmp_path.chmod(0o755)
    home.chmod(0o555)
    (home / "cairn.db").chmod(0o444)

    answer = subprocess.run(
        [sys.executable, "-c", AS_NOBODY],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer.stdout.startswith("HomeReadOnly home/cairn.db can't be opened for writing")
    home.chmod(0o700)
    (home / "cairn.db").chmod(0o600)
    assert items(home) == before
