"""Runs the benchmarks that are named (all without a name), prints them, and keeps them as JSON."""

import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.benchmarks import (
    app,
    authority,
    latency,
    ledger,
    load,
    local,
    long_away,
    long_document,
    measures,
    syncing,
)
from tests.benchmarks.measuring import Figure, keep


def _bundle(folder: Path) -> list[Figure]:
    """Measure the bundle, whose recipe lies in `build/`."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "build"))
    from tests.benchmarks import bundle

    return bundle.figures(folder)


BENCHMARKS: dict[str, Callable[[Path], Iterable[Figure]]] = {
    "edits": lambda folder: [local.edits(folder)],
    "command": lambda folder: [local.command(folder)],
    "imports": lambda folder: [local.imports(folder)],
    "lists": local.lists,
    "ledger": ledger.figures,
    "authority": authority.figures,
    "syncing": syncing.figures,
    "latency": latency.figures,
    "long away": long_away.figures,
    "long document": long_document.figures,
    "load": load.figures,
    "measures": measures.figures,
    "app": app.figures,
    "bundle": _bundle,
    "app-process": app.process_figures,
}


def main(names: list[str]) -> int:
    """Measure; 0 also where a goal is missed, since a figure is no test."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"No benchmark {unknown[0]}; there are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    done: list[Figure] = []
    for name in names or BENCHMARKS:
        # On a real disk: what is measured includes syncing it.
        with tempfile.TemporaryDirectory(prefix="cairn-bench-", dir=Path.cwd()) as folder:
            for figure in BENCHMARKS[name](Path(folder)):
                print(figure.line(), flush=True)
                done.append(figure)
    keep(done)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
