"""What `make release` stands on: one version, files that follow from the commit, a whole wheel.

The whole of it (a bundle twice, an install by pipx) runs by hand: `make release ARGS="--rehearse"`.
"""

import re
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

import project
from release import artifacts, freeze_data, make_release
from tests.packages.installed import alone, modules_of

# A machine without Automerge: whoever looks for it finds nothing.
_WITHOUT = """
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name == "automerge" else find(name, *rest)
"""
_RUN = "import sys; sys.argv[0] = 'cairn'; from app.__main__ import main; main()"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project.build_python(tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as pip would lay it down, without the libraries."""
    folder = tmp_path_factory.mktemp("unpacked")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def cairn(unpacked: Path, *words: str, before: str = "") -> "subprocess.CompletedProcess[str]":
    """Run the program of the wheel, with the libraries of this environment."""
    return subprocess.run(
        [sys.executable, "-P", "-c", before + _RUN, *words],
        env={**alone(), "PYTHONPATH": str(unpacked)},
        cwd=unpacked,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_version_stands_in_one_place() -> None:
    number = re.escape(project.version())
    named = subprocess.run(
        ["git", "-C", str(project.ROOT), "grep", "-lE", rf"^(__)?version(__)? *= *.{number}"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()

    assert named == ["pyproject.toml"]


def test_wheel_and_source_archive_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("one", "other"):
        artifacts.build(tmp_path / name, with_bundle=False)

    once = artifacts.hashes(tmp_path / "one")
    assert len(once) == 2
    make_release.compare(once, artifacts.hashes(tmp_path / "other"))


def test_two_builds_that_differ_are_no_release() -> None:
    with pytest.raises(SystemExit, match=r"differ: cairn\.whl"):
        make_release.compare({"cairn.whl": "1", "a": "1"}, {"cairn.whl": "2", "a": "1"})


def test_the_wheel_has_every_module_and_no_tests(unpacked: Path) -> None:
    assert modules_of(unpacked) == modules_of(project.ROOT)
    assert {path.name for path in unpacked.iterdir()} == {
        *("app", "store", "sync"),
        f"cairn-{project.version()}.dist-info",
    }


def test_the_wheels_program_adds_and_lists(unpacked: Path, tmp_path: Path) -> None:
    home = str(tmp_path / "home")

    assert cairn(unpacked, "--version").stdout == f"cairn {project.version()}\n"
    assert cairn(unpacked, "--home", home, "add", "Wax the boots").returncode == 0
    assert "Wax the boots" in cairn(unpacked, "--home", home, "tasks").stdout


@pytest.mark.parametrize("words", [[], ["add", "x"], ["serve"], ["doctor"]])
def test_without_automerge_the_wheel_says_so_in_one_line_and_does_nothing(
    unpacked: Path, tmp_path: Path, words: list[str]
) -> None:
    home = tmp_path / "home"

    done = cairn(unpacked, "--home", str(home), *words, before=_WITHOUT)

    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert "Automerge is not installed" in done.stderr
    assert not home.exists()


@pytest.mark.parametrize(
    ("changelog", "says"),
    [
        ("## [Unreleased]\n", "no heading `## [1.2.0] - YYYY-MM-DD`"),
        ("## [Unreleased]\n## [1.2.0]\n", "no heading"),
        ("## [Unreleased]\n## [1.3.0] - 2026-12-01\n## [1.2.0] - 2026-11-01\n", "at 1.3.0"),
        ("## [Unreleased]\n## [1.2.0] - 2026-11-01\n## [1.1.0] - 2026-10-01\n", None),
    ],
)
def test_a_release_has_a_heading_with_its_date_on_top(changelog: str, says: str | None) -> None:
    why = make_release.not_released_because(changelog, "1.2.0")

    assert (why is None) if says is None else (why is not None and says in why)


@pytest.mark.parametrize(
    ("name", "text", "blob", "is_refused"),
    [
        ("vm", "Anns laptop", b"\x00vm\xff", False),
        ("vm", "vm", b"", True),
        ("vm", "vmlinuz", b"", False),
        ("workshop", "Anns laptop", b"\x00workshop\xff", True),
        ("", "Anns laptop", b"", False),
    ],
)
def test_data_that_name_the_computer_are_not_kept_and_chance_names_nobody(
    tmp_path: Path, name: str, text: str, blob: bytes, is_refused: bool
) -> None:
    """A release was stopped by two letters of a key."""
    with closing(sqlite3.connect(tmp_path / "cairn.db")) as conn, conn:
        conn.execute("CREATE TABLE device (name TEXT, key BLOB)")
        conn.execute("INSERT INTO device VALUES (?, ?)", (text, blob))

    with pytest.raises(SystemExit) if is_refused else nullcontext():
        freeze_data.refuse_name_of_here(tmp_path, name)
