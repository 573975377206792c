"""Where the bundle's executable begins: as `cairn`, or as the Python of a child of it.

A frozen program is its own `sys.executable`, and has no interpreter beside it. Cairn starts
children of itself as `sys.executable -P -m MODULE` (the trial of strangers' changes in
`store.documents`, the fetching of the window's client): here that is understood, for these modules
and no others.
"""

import os
import runpy
import sys
from pathlib import Path
from typing import Final

PROGRAMS: Final = ("flet", "flet.exe")  # the client's
CHILDREN: Final = frozenset({"store.documents.trial_child", "app.ui.fetch_client"})


def child_of(arguments: list[str]) -> tuple[str, list[str]] | None:
    """Tell which child is meant, and its arguments; None where `cairn` itself is."""
    words = [word for word in arguments[:2] if word != "-P"] + arguments[2:]
    if len(words) >= 2 and words[0] == "-m" and words[1] in CHILDREN:
        return words[1], words[2:]
    return None


def give_back_the_systems_libraries(environ: dict[str, str] | os._Environ[str]) -> None:
    """Let programs that Cairn starts (a browser, the window's client) find the system's libraries.

    The bundle's loader points LD_LIBRARY_PATH at its own, and keeps what it was.
    """
    was = environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if was is not None:
        environ["LD_LIBRARY_PATH"] = was
    elif getattr(sys, "frozen", False):
        environ.pop("LD_LIBRARY_PATH", None)


def name_the_client_inside(inside: Path, environ: dict[str, str] | os._Environ[str]) -> None:
    """Use the window's client that the bundle carries, where it carries one."""
    app = inside / "flet_desktop" / "app"
    for client in (app / "flet", app):  # on Linux and Windows in a folder of its own, on macOS not
        if any((client / name).is_file() for name in PROGRAMS) or any(client.glob("*.app")):
            environ.setdefault("FLET_VIEW_PATH", str(client))
            return


def main() -> None:
    """Run what the arguments mean."""
    give_back_the_systems_libraries(os.environ)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # a program without a console on Windows
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 -- for good
    child = child_of(sys.argv[1:])
    if child is not None:
        sys.argv[1:] = child[1]
        runpy.run_module(child[0], run_name="__main__")
        return
    name_the_client_inside(Path(getattr(sys, "_MEIPASS", sys.prefix)), os.environ)
    from app.__main__ import main as cairn

    cairn()


if __name__ == "__main__":
    main()
