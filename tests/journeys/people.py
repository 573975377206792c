"""People of a journey: each has a home, the app open on it, and a tab; together they have a server.

What is not the journey itself (making a space, inviting) is typed at the command line, which is
quicker; what is looked at happens in the browser.
"""

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from playwright.sync_api import Browser

from app.ui.first_run import finish_first_run
from tests.support.chromium import WIDE, AppPage, Scheme
from tests.support.flet_harness import open_replica
from tests.support.running_app import RunningApp, running_app
from tests.support.server import RunningServer, running_server

_COMMAND_S_MAX: Final = 60


@dataclass(frozen=True)
class Person:
    """Somebody with a home; `cairn` is their command line."""

    name: str
    home: Path

    def cairn(self, *words: str, given: str | None = None, expect: tuple[int, ...] = (0,)) -> Any:
        """Type a command; give what it prints as JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "app", "--home", str(self.home), "--json", *words],
            input=given,
            capture_output=True,
            text=True,
            timeout=_COMMAND_S_MAX,
            check=False,
        )
        assert done.returncode in expect, f"{self.name}: cairn {' '.join(words)}: {done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None


class Company:
    """Everybody of one journey; whatever was started ends with the block."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser = browser
        self.folder = folder
        self.apps: dict[str, RunningApp] = {}
        self.server: RunningServer | None = None
        self._ending = ExitStack()
        self._serving = ExitStack()

    def __enter__(self) -> "Company":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._ending, self._serving:
            pass
        if error is None:
            for name, app in self.apps.items():
                assert "fault" not in app.log(), f"{name}'s app logged an error:\n{app.log()}"

    def person(self, name: str) -> Person:
        """Somebody with a new home, whose first run is over."""
        someone = self.newcomer(name)
        with open_replica(someone.home, name, f"{name}s laptop") as replica:
            finish_first_run(replica)
        return someone

    def newcomer(self, name: str) -> Person:
        """Somebody who never opened the app."""
        someone = self._of(name)
        with open_replica(someone.home, name, f"{name}s laptop"):
            return someone

    def _of(self, name: str) -> Person:
        return Person(name, self.folder / name.lower())

    def opens(
        self, someone: Person, *, size: tuple[int, int] = WIDE, scheme: Scheme = "light"
    ) -> AppPage:
        """Somebody opens the app; a second tab where it is open already."""
        if someone.name not in self.apps:
            self.apps[someone.name] = self._ending.enter_context(running_app(someone.home))
        page = AppPage(self.browser, self.apps[someone.name].url, size=size, scheme=scheme)
        self._ending.callback(page.close)
        return page

    def start_server(self) -> RunningServer:
        """Start the server; where it ran before, at the same address with what it had."""
        listen = f"127.0.0.1:{self.server.port}" if self.server else "127.0.0.1:0"
        self.server = self._serving.enter_context(running_server(self.folder, listen=listen))
        for name in self.apps:  # one that backs off may be minutes from its next try by then
            self._of(name).cairn("sync", expect=(0, 4))
        return self.server

    def stop_server(self) -> None:
        """Stop it; nobody is told."""
        self._serving.close()

    def share(self, owner: Person, *others: Person) -> None:
        """Make the space Trip on the server and let the others in."""
        server = self.start_server()
        assert server.setup_code is not None, "it is new"
        owner.cairn(
            *("space", "create", "Trip"),
            *("--server", server.url, "--setup-code", server.setup_code),
        )
        for other in others:
            other.cairn("join", owner.cairn("invite", "--role", "editor")["link"])


def expect_names(page: AppPage, where: str) -> None:
    assert page.nameless() == [], f"nameless on {where}"
