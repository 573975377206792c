"""How figures are taken and kept: runs, percentiles, and the machine they were taken on."""

import json
import os
import platform
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

RESULTS: Final = Path(__file__).parent / "results.json"


@dataclass
class Figure:
    """One line of the table: what was measured, and what it should be at most.

    Attributes:
        values: what came out, by name, in `unit`.
        goal: what each named value should be at most.
    """

    what: str
    unit: str
    values: dict[str, float]
    goal: dict[str, float]
    runs: int
    notes: str = ""
    holds: bool = field(init=False)

    def __post_init__(self) -> None:
        self.holds = all(self.values[name] <= most for name, most in self.goal.items())

    def line(self) -> str:
        """The figure for people."""
        values = ", ".join(f"{name} {value:.4g}" for name, value in self.values.items())
        goals = ", ".join(f"{name} ≤ {most:g}" for name, most in self.goal.items())
        mark = "✔" if self.holds else "✘"
        return f"{mark} {self.what}: {values} {self.unit} (goal: {goals}; {self.runs} runs)"


def timed_ms(act: Callable[[], object]) -> float:
    """How long it takes, in milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which so much of them lies (0.5 is the median)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def keep(figures: Sequence[Figure]) -> None:
    """Write the figures with the machine's description; those that were not run again stay."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"figures": []}
    fresh = {f.what: asdict(f) for f in figures}
    merged = {row["what"]: row for row in kept["figures"]} | fresh
    told = {"machine": machine(), "figures": list(merged.values())}
    RESULTS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    return {
        "taken_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": _commit(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
    }


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
