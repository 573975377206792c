"""Figures of the self-contained bundle: room on the disk, time to answer and to show itself."""

import subprocess
import time
from pathlib import Path

from bundle import make_bundle
from tests.benchmarks.measuring import Figure, percentile, timed_ms
from tests.packages.installed import alone
from tests.support.running_app import running_app

_STARTS = 10
_OPENINGS = 5


def figures(folder: Path) -> list[Figure]:
    """All of them, of a bundle that is made first."""
    place = folder.resolve()
    made, single = make_bundle.build_folder(place, place / "stage")
    programs = {"folder": made / "cairn", "one file": single}
    return [
        size(made, single),
        *(starts(name, program, place) for name, program in programs.items()),
        opens(made, place),
    ]


def size(made: Path, single: Path) -> Figure:
    """Room on the disk."""
    sizes = {"folder": make_bundle.size_bytes(made) / 1e6, "one file": single.stat().st_size / 1e6}
    return Figure("size of the bundle", "MB", sizes, {"folder": 200, "one file": 80}, 1)


def starts(name: str, program: Path, place: Path) -> Figure:
    """`cairn add` as a whole process of the bundle."""
    words = [str(program), "--home", str(place / f"home of {name}"), "add", "Buy rope tomorrow"]

    def run() -> None:
        subprocess.run(words, check=True, capture_output=True, env=alone(), cwd=place)

    run()
    took = [timed_ms(run) / 1000 for _ in range(_STARTS)]
    values = {"p50": percentile(took, 0.5), "max": max(took)}
    goal = {"p50": 0.3 if name == "folder" else 2.0}
    return Figure(f"cairn add by the bundle ({name})", "s", values, goal, len(took))


def opens(made: Path, place: Path) -> Figure:
    """The app, from its start until a browser may come."""
    took: list[float] = []
    for _ in range(_OPENINGS):
        began = time.perf_counter()
        with running_app(place / "app", cairn=(str(made / "cairn"),), environ=alone()):
            took.append(time.perf_counter() - began)
    values = {"p50": percentile(took, 0.5), "max": max(took)}
    return Figure("the bundle's app until a browser may come", "s", values, {"p50": 2.5}, len(took))
