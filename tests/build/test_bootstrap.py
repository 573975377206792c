"""What a fresh machine may look like, and what the set-up does about it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import browser
import environment
from interpreters import Interpreter, advice, choose_interpreter, choose_venv_maker
from stop import Stop

ROOT = Path(__file__).resolve().parents[2]


def a_python(
    version: tuple[int, int], *, makes_venvs: bool = True, has_pip: bool = True, name: str = ""
) -> Interpreter:
    command = name or "python{}.{}".format(*version)
    return Interpreter(command, version, makes_venvs=makes_venvs, has_pip=has_pip)


def a_checkout(folder: Path) -> Path:
    """A checkout with an environment in it that looks whole; nothing is installed."""
    for name in ("pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, folder / name)
    python = environment.python_of(folder)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    (folder / ".venv" / "pyvenv.cfg").write_text("version = 3.11.7\n", encoding="utf-8")
    return folder


# Which Python


def test_the_python_that_runs_the_set_up_is_taken_if_it_fits() -> None:
    current = a_python((3, 11), name="python3")
    assert choose_interpreter(current, [a_python((3, 12))]) == current


@pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 13)])
def test_an_unsupported_python_gives_way_to_a_supported_one_on_path(
    version: tuple[int, int],
) -> None:
    other = a_python((3, 12))
    assert choose_interpreter(a_python(version), [other]) == other


def test_a_python_that_makes_environments_goes_before_one_that_needs_help() -> None:
    crippled = a_python((3, 11), makes_venvs=False)
    whole = a_python((3, 12))
    assert choose_interpreter(crippled, [crippled, whole]) == whole


def test_a_python_that_needs_help_is_better_than_none() -> None:
    crippled = a_python((3, 11), makes_venvs=False)
    assert choose_interpreter(crippled, []) == crippled


def test_no_python_is_chosen_where_none_fits() -> None:
    assert choose_interpreter(a_python((3, 9)), []) is None
    assert choose_interpreter(None, []) is None


# How the environment is made


def test_a_whole_python_makes_its_environment_itself() -> None:
    maker = choose_venv_maker(a_python((3, 11)), uv_at_hand=True, pip_at_hand=True)
    assert maker == "venv"


def test_without_ensurepip_uv_makes_it_fetched_by_pip_if_need_be() -> None:
    crippled = a_python((3, 11), makes_venvs=False)
    assert choose_venv_maker(crippled, uv_at_hand=True, pip_at_hand=True) == "uv"
    assert choose_venv_maker(crippled, uv_at_hand=False, pip_at_hand=True) == "fetched uv"


def test_without_ensurepip_and_uv_a_virtualenv_of_the_system_makes_it() -> None:
    crippled = a_python((3, 11), makes_venvs=False, has_pip=False, name="python3.11")
    maker = choose_venv_maker(
        crippled, uv_at_hand=False, pip_at_hand=False, virtualenv_at_hand=True
    )
    assert maker == "virtualenv"
    command = environment.venv_command(ROOT, maker, None, crippled)
    assert command[command.index("--python") + 1] == crippled.command
    assert (
        choose_venv_maker(None, uv_at_hand=False, pip_at_hand=False, virtualenv_at_hand=True)
        is None
    )


def test_where_no_python_fits_uv_is_asked_for_one() -> None:
    command = environment.venv_command(ROOT, "uv", "uv", None)
    assert choose_venv_maker(None, uv_at_hand=False, pip_at_hand=True) == "fetched uv"
    assert command[command.index("--python") + 1] == "3.12"


def test_with_neither_ensurepip_nor_uv_nor_pip_the_person_is_told_the_command() -> None:
    crippled = a_python((3, 11), makes_venvs=False, has_pip=False)
    assert choose_venv_maker(crippled, uv_at_hand=False, pip_at_hand=False) is None
    assert "apt-get install python3.11-venv" in advice(crippled, apt_at_hand=True)
    assert "Python 3.11 or 3.12" in advice(None, apt_at_hand=True)


# When there is nothing to do


def test_an_environment_without_its_stamp_is_filled_again(tmp_path: Path) -> None:
    assert not environment.is_ready(a_checkout(tmp_path), dev=False)


def test_a_finished_set_up_is_known_again_and_asks_for_nothing(tmp_path: Path) -> None:
    root = a_checkout(tmp_path)
    environment.remember(root, runtime=environment.stamp(root, dev=False))
    assert environment.is_ready(root, dev=False)
    assert not environment.is_ready(root, dev=True)


def test_the_test_tools_come_on_top_so_their_set_up_serves_a_run_too(tmp_path: Path) -> None:
    root = a_checkout(tmp_path)
    environment.remember(root, dev=environment.stamp(root, dev=True))
    assert environment.is_ready(root, dev=False)


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml", ".venv/pyvenv.cfg"])
def test_a_change_of_lock_project_or_python_is_noticed(tmp_path: Path, changed: str) -> None:
    root = a_checkout(tmp_path)
    environment.remember(root, runtime=environment.stamp(root, dev=False))
    with (root / changed).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert not environment.is_ready(root, dev=False)


def test_a_moved_checkout_is_noticed(tmp_path: Path) -> None:
    """The programs in an environment name its place in full."""
    (tmp_path / "before").mkdir()
    root = a_checkout(tmp_path / "before")
    environment.remember(root, runtime=environment.stamp(root, dev=False))
    moved = root.rename(tmp_path / "after")
    assert not environment.is_ready(moved, dev=False)


def test_an_environment_whose_python_is_gone_is_noticed(tmp_path: Path) -> None:
    root = a_checkout(tmp_path)
    environment.remember(root, runtime=environment.stamp(root, dev=False))
    environment.python_of(root).unlink()
    environment.python_of(root).symlink_to(tmp_path / "uninstalled")
    assert not environment.is_ready(root, dev=False)


def test_a_torn_stamp_counts_as_none(tmp_path: Path) -> None:
    root = a_checkout(tmp_path)
    environment.stamp_path(root).write_text('{"runtime": "12', encoding="utf-8")
    assert environment.remembered(root) == {}
    assert not environment.is_ready(root, dev=False)


# What is left alone


def test_a_folder_that_is_no_environment_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    precious = tmp_path / ".venv" / "notes.txt"
    precious.write_text("mine", encoding="utf-8")
    with pytest.raises(Stop, match="move it away"):
        environment.clear(tmp_path)
    assert precious.exists()


def test_an_environment_that_is_a_link_is_never_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pyvenv.cfg").touch()
    (tmp_path / ".venv").symlink_to(elsewhere)
    with pytest.raises(Stop, match="move it away"):
        environment.clear(tmp_path)
    assert (elsewhere / "pyvenv.cfg").exists()


# What a failure says


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE …", "not the one that the lock"),
        ("ERROR: … [Errno 28] No space left on device", "the disk is full"),
        (
            "WARNING: Retrying … NewConnectionError(…)\nERROR: No matching …",
            "connect to the network",
        ),
        ("noise\nERROR: the first\nERROR: the second", "pip could not install: ERROR: the first"),
        ("", "no reason given"),
    ],
)
def test_one_line_out_of_pips_many_says_what_to_do(output: str, says: str) -> None:
    line = environment.why_pip_failed(output)
    assert says in line
    assert "\n" not in line


def test_an_unknown_command_shows_the_usage() -> None:
    done = bootstrap(ROOT, "dance")
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")


# Chromium


def test_the_systems_package_is_tried_first_where_nobody_needs_to_be_asked() -> None:
    assert browser.choose_ways(root_on_debian=True) == ("apt", "playwright")
    assert browser.choose_ways(root_on_debian=False) == ("playwright",)


def test_a_browser_that_is_named_but_missing_stops_the_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAIRN_CHROMIUM", str(tmp_path / "chromium"))
    with pytest.raises(Stop, match="is not there"):
        browser.find_chromium(Path(sys.executable))


# A whole set-up


def test_a_debian_python_without_ensurepip_or_pip_stops_with_the_apt_command(
    tmp_path: Path,
) -> None:
    root = a_copy_of_the_set_up(tmp_path)
    a_stand_in_for_python(tmp_path / "bin", answers="cairn 3 11 0 0")

    done = bootstrap(root, "setup", path=tmp_path / "bin")

    assert done.returncode == 1
    assert done.stderr == (
        "cairn: this Python cannot make environments; run: apt-get install python3.11-venv\n"
    )
    assert not (root / ".venv").exists()


def test_a_debian_python_without_ensurepip_gets_its_environment_from_uv(tmp_path: Path) -> None:
    """Packages cannot be had here, so it ends at their door, in one line, and keeps its place."""
    root = a_copy_of_the_set_up(tmp_path)
    a_stand_in_for_python(tmp_path / "bin", answers="cairn 3 11 0 1")
    a_stand_in_for_uv(tmp_path / "bin")

    done = bootstrap(root, "setup", path=tmp_path / "bin")

    assert (root / ".venv" / "made-by-uv").exists(), done.stderr
    assert done.returncode == 1
    assert done.stderr.splitlines()[1:] == [
        f"cairn: pip could not install: no index today (all of it: {root}/.venv/setup.log)"
    ]


def a_copy_of_the_set_up(folder: Path) -> Path:
    root = folder / "checkout"
    shutil.copytree(ROOT / "build", root / "build", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, root / name)
    return root


def a_stand_in_for_python(folder: Path, *, answers: str) -> None:
    """A `python3.11` that answers like one that Debian has cut; apt-get is there as well."""
    folder.mkdir(exist_ok=True)
    for name, line in (("python3.11", f"echo '{answers}'"), ("apt-get", "exit 1")):
        (folder / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        (folder / name).chmod(0o755)


def a_stand_in_for_uv(folder: Path) -> None:
    """A `uv` that makes an environment whose Python is whole but whose pip reaches nothing."""
    script = """#!/bin/sh
PATH=/usr/bin:/bin
for place; do :; done
mkdir -p "$place/bin" && touch "$place/pyvenv.cfg" "$place/made-by-uv"
printf '#!/bin/sh\\necho no index today; exit 1\\n' > "$place/bin/python"
chmod +x "$place/bin/python"
"""
    (folder / "uv").write_text(script, encoding="utf-8")
    (folder / "uv").chmod(0o755)


def bootstrap(
    root: Path, *arguments: str, path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the set-up as a person would. With `path` no Python but the ones in there is seen."""
    command = [sys.executable, str(root / "build" / "bootstrap.py"), *arguments]
    env = dict(os.environ)
    if path:
        # Started as a Python that does not fit, whatever runs these tests.
        unfit = "import interpreters, runpy, sys; interpreters.current = lambda: None; "
        start = f"sys.argv = {command[1:]!r}; runpy.run_path(sys.argv[0], run_name='__main__')"
        command = [sys.executable, "-c", unfit + start]
        env = {"PATH": str(path), "PYTHONPATH": str(root / "build")}
    return subprocess.run(
        command, env=env, capture_output=True, text=True, check=False, timeout=60, cwd=root
    )
