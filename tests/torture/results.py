"""What torture came to, line by line in `tests/simulation/RESULTS.md`."""

import os
import platform
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

RESULTS: Final = Path(__file__).parents[1] / "simulation" / "RESULTS.md"


@dataclass(frozen=True)
class Row:
    """What one part came to.

    Attributes:
        what: what was run.
        number: how many, of how many, or which seeds.
        failed: what failed, in words; empty if nothing did.
        cpu_s: seconds of processor time, of all processes.
    """

    what: str
    number: str
    failed: str
    cpu_s: float


def append(row: Row, command: str, path: Path = RESULTS) -> None:
    """Add a line to the table, which is the last thing in the file."""
    told = (
        time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        _commit(),
        row.what,
        row.number,
        row.failed or "none",
        f"{row.cpu_s:.0f}",
        f"`{command}`",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}",
    )
    with path.open("a") as file:
        file.write(f"| {' | '.join(told)} |\n")


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
