"""Whole processes: what a shell sees, and what a command does not load."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

# What would make a command typed by hand slow to answer.
HEAVY = {
    "rich",
    "typer",
    "httpx",
    "flet",
    "sqlite_utils",
    "msgspec",
    "yaml",
    "zstandard",
    "pydantic",
}
_LOADED = (
    "import sys; from app.cli.main import run; run(sys.argv[1:]); print(*sys.modules, sep='\\n')"
)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The environment of a person whose home is in the test's folder."""
    return {**os.environ, "CAIRN_HOME": str(tmp_path / "home")}


def cairn(environ: Mapping[str, str], *argv: str | bytes) -> subprocess.CompletedProcess[bytes]:
    """Run a command line as a shell would."""
    return subprocess.run(
        [sys.executable, "-m", "app", *argv], env=environ, capture_output=True, check=False
    )


def test_a_task_is_added_and_is_there_for_the_next_process(environ: dict[str, str]) -> None:
    added = cairn(environ, "add", "Buy rope", "--json")
    assert (added.returncode, added.stderr) == (0, b"")

    listed = cairn(environ, "tasks", "--json")

    assert [task["id"] for task in json.loads(listed.stdout)] == [json.loads(added.stdout)["id"]]


def test_many_processes_may_use_one_home_at_the_same_time(environ: dict[str, str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: cairn(environ, "add", f"Task {n}", "--json"), range(12)))

    assert [answer.returncode for answer in answers] == [0] * 12
    assert len(json.loads(cairn(environ, "tasks", "--json").stdout)) == 12


def test_an_exit_status_reaches_the_shell(environ: dict[str, str]) -> None:
    assert cairn(environ, "show", "t1zzz").returncode == 1
    assert cairn(environ, "show").returncode == 2


def test_adding_a_task_loads_nothing_heavy(environ: dict[str, str]) -> None:
    cairn(environ, "add", "The home is there now")

    loaded = subprocess.run(
        [sys.executable, "-c", _LOADED, "add", "Buy rope tomorrow", "--json"],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()[1:]

    assert not HEAVY & {name.partition(".")[0] for name in loaded}


def test_an_argument_that_is_no_text_is_refused(environ: dict[str, str]) -> None:
    answer = cairn(environ, "add", b"caf\xe9")

    assert answer.returncode == 2
    assert answer.stderr.count(b"\n") == 1
    assert b"UTF-8" in answer.stderr


def test_a_title_outside_the_locales_letters_is_written_as_utf_8(environ: dict[str, str]) -> None:
    in_c = {**environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    title = "Seil – 🧗"

    answer = cairn(in_c, "add", title, "--json")

    assert json.loads(answer.stdout.decode())["title"] == title
    assert title in cairn(in_c, "tasks").stdout.decode()


def test_a_reader_that_has_seen_enough_ends_the_command_in_silence(
    environ: dict[str, str],
) -> None:
    cairn(environ, "add", "Buy rope")
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "wb") as nobody:
        answer = subprocess.run(
            [sys.executable, "-m", "app", "tasks"],
            env=environ,
            stdout=nobody,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert answer.returncode == 141
    assert answer.stderr == b""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is no signal there")
def test_ctrl_c_ends_a_command_with_one_line_and_status_130(environ: dict[str, str]) -> None:
    waiting = subprocess.Popen(
        [sys.executable, "-m", "app", "note", "Radio", "--body", "-", "--json"],
        env={**environ, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert waiting.stdin is not None
    # The command reads all of standard input first; what doesn't fit the pipe says that it reads.
    waiting.stdin.write(b"x" * 1_000_000)
    waiting.stdin.flush()
    waiting.send_signal(signal.SIGINT)
    out, err = waiting.communicate(timeout=30)

    assert waiting.returncode == 130
    assert out == b""
    assert json.loads(err)["error"]["type"] == "interrupted"


def test_an_unknown_command_is_told_without_a_home_or_a_database(environ: dict[str, str]) -> None:
    answer = cairn(environ, "tusks")

    assert answer.returncode == 2
    assert b"Did you mean 'tasks'" in answer.stderr
    assert not Path(environ["CAIRN_HOME"]).exists()


def test_the_server_loads_neither_automerge_nor_the_app(environ: dict[str, str]) -> None:
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, app.cli.main, app.cli.server, sync.server.process; print(*sys.modules)",
        ],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert not {"automerge", "flet", "rich", "httpx", "app.ui"} & set(loaded)
