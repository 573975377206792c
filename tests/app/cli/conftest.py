"""The command line called in this process, with a home of its own."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import run
from tests.app.cli.serving import ANY_PORT, Serving, serving


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command gave: its exit status and both outputs."""

    status: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """The one JSON value of a command that went well (0, or 4 where a person is needed)."""
        assert self.status in (0, 4), self.err
        assert self.out.count("\n") == 1, "not exactly one line"
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The error of a command that failed with `--json`."""
        assert self.out == "", "something on standard output beside an error"
        assert self.err.count("\n") == 1, "not exactly one line"
        error: dict[str, str] = json.loads(self.err)["error"]
        assert set(error) == {"type", "title", "detail"}
        return error


Cairn = Callable[..., Answer]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder for a replica; nothing is there yet."""
    return tmp_path / "home"


@pytest.fixture
def cairn(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cairn:
    """Run a command line in this home."""
    monkeypatch.setenv("CAIRN_HOME", str(home))
    monkeypatch.delenv("CAIRN_DEBUG", raising=False)

    def typed(*argv: str) -> Answer:
        capsys.readouterr()
        status = run(argv)
        written = capsys.readouterr()
        return Answer(status, written.out, written.err)

    return typed


def keys(names: str) -> list[str]:
    """Name keys as the contract lists them, separated by spaces."""
    return names.split()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a home of their own."""

    run: Cairn
    home: Path

    def __call__(self, *argv: str) -> Answer:
        """Type a command line."""
        return self.run(*argv, "--home", str(self.home))

    def sees(self, item: str) -> dict[str, object]:
        """Show an item as JSON."""
        shown: dict[str, object] = self("show", item, "--json").value
        return shown


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    """A server of its own, on any free port of this computer."""
    with serving(tmp_path / "server", *ANY_PORT) as running:
        assert set(running.ready) == {"ready", "url", "setup_code"}
        yield running


@pytest.fixture
def alice(cairn: Cairn, tmp_path: Path, server: Serving) -> Person:
    """Alice, who has made the space Hut on the server."""
    alice = Person(cairn, tmp_path / "alice")
    alice("whoami", "--name", "Alice", "--device", "laptop")
    made = alice(
        *("space", "create", "Hut", "--server", server.url),
        *("--setup-code", server.ready["setup_code"], "--json"),
    ).value
    assert (made["name"], made["role"], made["current"]) == ("Hut", "owner", True)
    return alice


@pytest.fixture
def bob(cairn: Cairn, tmp_path: Path, alice: Person) -> Person:
    """Bob, whom Alice has invited to Hut."""
    bob = Person(cairn, tmp_path / "bob")
    bob("whoami", "--name", "Bob", "--device", "phone")
    link = alice("invite", "--role", "editor", "--json").value["link"]
    joined = bob("join", link, "--json").value
    assert (joined["name"], joined["role"], joined["current"]) == ("Hut", "editor", True)
    return bob


def both_sync(*people: Person) -> None:
    """Let everybody sync until all have everything."""
    for person in (*people, *people):
        assert person("sync", "--json").status in (0, 4)
