"""Which parts of the program and of its libraries go into the bundle."""

import re
from pathlib import Path
from typing import Final

BUNDLE_ID: Final = "org.cairn.cairn"
NO_CLIENT: Final = "no-client"  # in the place of the window's client, where there is none
PROGRAM: Final = ("app", "store", "sync")

# Libraries use these where they are installed; Cairn never does, and a developer's machine has
# them.
EXCLUDED: Final = (
    *("IPython", "PIL", "chardet", "hypothesis", "mypy", "numpy", "pandas", "pip", "pkg_resources"),
    *("pygments", "pytest", "_pytest", "setuptools", "tkinter", "uvloop", "watchfiles"),
    *("wheel", "flet_cli", "gunicorn", "mypyc", "mypy_extensions", "ast_serialize", "librt"),
)

# Of Flet's page: its Python for the browser, other engines than ours, and symbols for its makers.
_NOT_OF_THE_PAGE: Final = re.compile(
    r"flet_web/web/(pyodide/|python|canvaskit/(skwasm|wimp|experimental)|main\.dart\.(wasm|mjs)|.*\.(symbols|map)$)"
)

# What installing leaves in a library's metadata: places of the machine that did it.
_TRACES: Final = frozenset({NO_CLIENT, "direct_url.json", "INSTALLER", "RECORD", "REQUESTED"})


def modules(program: Path) -> list[str]:
    """Name all modules of the program: commands and screens are found by name, not by import."""
    files = [file for part in PROGRAM for file in sorted((program / part).rglob("*.py"))]
    return [
        ".".join(file.relative_to(program).with_suffix("").parts).removesuffix(".__init__")
        for file in files
    ]


def data(program: Path) -> list[tuple[str, str]]:
    """Give the program's files that are no modules, each with the folder where it goes."""
    files = [
        *(file for part in PROGRAM for file in (program / part).rglob("*")),
        *program.glob("cairn-*.dist-info/*"),
    ]
    return [
        (str(file), str(file.parent.relative_to(program)))
        for file in sorted(files)
        if file.is_file() and file.suffix not in (".py", ".pyc")
    ]


def is_needed(place: str) -> bool:
    """Tell whether a data file is needed, by its place in the bundle."""
    path = place.replace("\\", "/")
    return _NOT_OF_THE_PAGE.match(path) is None and Path(path).name not in _TRACES
