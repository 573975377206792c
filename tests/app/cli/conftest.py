"""The command line called in this process, with a home of its own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import run


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
