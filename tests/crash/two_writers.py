"""One of two processes that write into one home while a third connection checkpoints it.

python -m tests.crash.two_writers HOME NAME COUNT SECONDS

It adds tasks until it has added COUNT of them, or for SECONDS where that is longer, and tells each
on a line of its own once it was told to be saved. Nothing may be refused: whoever waits for the
home has the next turn, however much the other one writes.
"""

import sys
import time
from pathlib import Path

from store.commands.patches import NewTask
from store.replica import Replica


def main(home: str, name: str, count: str, seconds: str) -> None:
    """Add tasks, and tell each."""
    until = time.monotonic() + float(seconds)
    with Replica.open(Path(home)) as replica:
        number = 0
        while number < int(count) or time.monotonic() < until:
            title = f"{name} {number}"
            replica.add_task(NewTask(title))
            sys.stdout.write(f"{title}\n")
            sys.stdout.flush()
            number += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
