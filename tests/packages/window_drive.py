"""Drives the bundle's window under Xvfb: add, sync, conflict, close, start again. Run by hand.

    python -m tests.packages.window_drive dist/cairn-VERSION-linux-x86_64 CLIENT.tar.gz [PICTURES]

CLIENT is Flet's client of 0.82 (`window_client.py` says why); it needs the Debian packages xvfb,
xdotool, x11-apps, imagemagick, libgtk-3-0 and libsecret-1-0. The bundle itself is untouched: it is
told of the client as a person would tell it (`FLET_VIEW_PATH`). What is typed goes in by xdotool;
what came of it is looked at where it counts, in the home and at the other device; pictures are kept
to be looked at.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.packages import window_client
from tests.packages.installed import Installed, alone, share

SCREEN: Final = ("1200x720", ":77")
QUICK_ADD: Final = (480, 76)  # the field for a new task
CONFLICTS: Final = (44, 242)  # in the rail
TRIES: Final = 150
TRY_S: Final = 0.2
STOP_S_MAX: Final = 20


class Window:
    """The bundle's window, and the fingers on it."""

    def __init__(self, process: "subprocess.Popen[bytes]", env: dict[str, str]) -> None:
        self.process = process
        self.env = env

    def do(self, *words: str) -> str:
        """Let xdotool do something; gives what it prints."""
        done = subprocess.run(
            ["xdotool", *words], env=self.env, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    def click(self, place: tuple[int, int]) -> None:
        """Click somewhere."""
        self.do("mousemove", *map(str, place), "click", "1")

    def type(self, text: str) -> None:
        """Type a line."""
        self.do("type", "--delay", "40", text)
        self.do("key", "Return")

    def close(self) -> None:
        """Close the window as a person does; the program ends with it, and well."""
        for name in self.do("search", "--onlyvisible", "--name", "^Cairn$").splitlines():
            self.do("windowclose", name)
        status = self.process.wait(STOP_S_MAX)
        if status != 0:
            raise SystemExit(f"closing the window ended the program with {status}")

    def picture(self, path: Path) -> None:
        """Keep what the screen shows."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.env, check=True)


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """A screen that nobody sees."""
    size, display = SCREEN
    server = subprocess.Popen(
        ["Xvfb", display, "-screen", "0", f"{size}x24"], stderr=subprocess.DEVNULL
    )
    env = {**alone(), "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1", "HOME": os.environ["HOME"]}
    try:
        yield env
    finally:
        server.terminate()
        server.wait(STOP_S_MAX)


@contextmanager
def opened(cairn: Installed, home: Path, env: dict[str, str]) -> Iterator[Window]:
    """The app in a window, once that is there."""
    command = [str(cairn.program), "--home", str(home), "--window"]
    process = subprocess.Popen(command, env=env, cwd=cairn.folder, stdout=subprocess.PIPE)
    window = Window(process, env)
    try:
        until(lambda: bool(window.do("search", "--onlyvisible", "--name", "^Cairn$")), process)
        yield window
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(STOP_S_MAX)


def until(holds: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    """Wait until something holds, while the program runs."""
    for _ in range(TRIES):
        if holds():
            return
        try:
            raise SystemExit(f"the window's program ended with {process.wait(TRY_S)}")
        except subprocess.TimeoutExpired:
            pass
    raise SystemExit("it did not come to hold in time")


def main() -> None:
    """Drive it, and say what was seen."""
    bundle, archive = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    pictures = Path(sys.argv[3] if len(sys.argv) > 3 else tempfile.mkdtemp())
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, screen() as env:
        place = Path(folder)
        client = place / "client"
        client.mkdir()
        drive(
            Installed(bundle / "cairn", place),
            place,
            {**env, **window_client.place(client, archive)},
            pictures,
        )
    print(f"Driven; pictures in {pictures}")


def drive(cairn: Installed, place: Path, env: dict[str, str], pictures: Path) -> None:
    """Add, sync, conflict, close, start again."""
    ann, bea, data = place / "ann", place / "bea", place / "server"

    def has(home: Path, title: str) -> bool:
        cairn.run(bea, "sync", expect=(0, 4))  # 4: done, and there is a conflict
        return any(task["title"] == title for task in cairn.run(home, "tasks", "--space", "Trip"))

    with cairn.serving(data) as server:
        share(cairn, server, ann, bea)
        listen = server["url"].rpartition("/")[2]
        with opened(cairn, ann, env) as window:
            window.click(QUICK_ADD)
            window.type("Book the bus")
            until(lambda: has(bea, "Book the bus"), window.process)
            window.picture(pictures / "added.png")
            window.close()
    (task,) = cairn.run(bea, "tasks", "--space", "Trip")
    cairn.run(bea, "edit", task["id"], "--title", "Book the late bus")
    cairn.run(ann, "edit", task["id"], "--title", "Book the early bus")
    with cairn.serving(data, listen), opened(cairn, ann, env) as window:
        cairn.run(bea, "sync", expect=(0, 4))
        until(lambda: len(cairn.run(ann, "conflicts")) == 1, window.process)
        window.click(CONFLICTS)
        until(lambda: cairn.run(ann, "status")["pending"] == 0, window.process)
        window.picture(pictures / "conflict.png")
        window.close()


if __name__ == "__main__":
    main()
