"""Figures of one device: an edit, a command, an import, lists and search."""

import subprocess
import sys
from functools import partial
from pathlib import Path

from store.commands.patches import Patch
from store.domain.ids import DocId
from store.interchange import import_files
from store.replica import Replica
from tests.benchmarks.material import home_with, write_folder
from tests.benchmarks.measuring import Figure, percentile, timed_ms


def edits(folder: Path) -> Figure:
    """One field edit, durable, with 10,000 tasks in the store."""
    with home_with(folder / "edits", task_count=10_000) as replica:
        docs = [DocId(row.id) for row in replica.tasks(limit=500)]
        took = [
            timed_ms(partial(replica.edit, doc, Patch(fields={"title": f"Another {doc}"})))
            for doc in docs
        ]
    return Figure(
        "one field edit, durable, 10,000 tasks in the store",
        "ms",
        {"p50": percentile(took, 0.5), "p99": percentile(took, 0.99)},
        {"p50": 2, "p99": 8},
        len(took),
    )


def command(folder: Path) -> Figure:
    """`cairn add` as a whole process."""
    home = str(folder / "command")
    words = [sys.executable, "-m", "app", "--home", home, "add", "Buy rope tomorrow #climb"]

    def run() -> None:
        subprocess.run(words, check=True, capture_output=True)

    run()
    took = [timed_ms(run) / 1000 for _ in range(20)]
    values = {"p50": percentile(took, 0.5), "max": max(took)}
    return Figure("cairn add as a whole process", "s", values, {"p50": 0.25}, len(took))


def imports(folder: Path) -> Figure:
    """Import of 1,000 notes of 150 words."""
    write_folder(folder / "vault", 1_000)
    took: list[float] = []
    for run in range(3):
        with Replica.open(folder / f"import-{run}") as replica:
            took.append(
                timed_ms(
                    partial(import_files, replica, folder / "vault", format="markdown", space=None)
                )
                / 1000
            )
            assert len(replica.notes()) == 1_000
    return Figure(
        "import of 1,000 notes of 150 words",
        "s",
        {"p50": percentile(took, 0.5), "max": max(took)},
        {"p50": 4},
        len(took),
    )


def lists(folder: Path) -> list[Figure]:
    """Reading 10,000 tasks, and searching 10,000 notes."""
    with home_with(folder / "lists", task_count=10_000, note_count=10_000) as replica:
        took = [timed_ms(replica.tasks) for _ in range(20)]
        words = ("kalo", "vor", "renmi tas", "ste", "grahoo", "pel dun", "kalo vor", "ri")
        found = [timed_ms(partial(replica.search, w)) for w in words * 5]
        assert len(replica.tasks()) == 10_000
        assert replica.search("kalo")
    return [
        Figure(
            "list of 10,000 tasks from the store",
            "ms",
            {"p50": percentile(took, 0.5), "max": max(took)},
            {"p50": 50},
            len(took),
        ),
        Figure(
            "search over 10,000 notes",
            "ms",
            {"p50": percentile(found, 0.5), "p99": percentile(found, 0.99)},
            {"p50": 30},
            len(found),
        ),
    ]
