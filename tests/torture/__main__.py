"""Runs parts of the torture: `python -m tests.torture --worlds 2000 --seed 0 --kills 500`."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.torture import parts
from tests.torture.results import Row, append


@dataclass(frozen=True)
class Part:
    """One kind of torture.

    Attributes:
        option: its name on the command line; its value is how much of it.
        help: what the value counts.
        run: runs so much of it, from a seed on.
    """

    option: str
    help: str
    run: Callable[[int, int], list[Row]]


PARTS: Final = (
    Part("worlds", "simulated worlds, each twice", parts.worlds),
    Part("kills", "kill points on each side", parts.kills),
    Part("failing", "system calls that fail, each in six ways", parts.failing),
    Part("proxied", "seeds of real processes over a fault proxy", parts.proxied),
    Part("messages", "ways to disturb each message of the protocol, of eleven", parts.messages),
    Part("fuzz", "seconds of CPU to fuzz each decoder for", parts.fuzz),
    Part("openapi", "seconds of Schemathesis against a server", parts.requests),
    Part("two-writers", "seconds of two processes that write one home", parts.writers),
    Part("power", "moments at which a device loses its power", parts.power),
)


def main() -> int:
    """Run what was asked for; 1 if anything failed."""
    options = argparse.ArgumentParser(prog="python -m tests.torture")
    options.add_argument("--seed", type=int, default=0, help="the first seed")
    for part in PARTS:
        options.add_argument(f"--{part.option}", type=int, default=0, help=part.help)
    given = options.parse_args()
    command = " ".join(["make torture", f'ARGS="{" ".join(sys.argv[1:])}"'])
    much = {part: getattr(given, part.option.replace("-", "_")) for part in PARTS}
    wanted = [part for part in PARTS if much[part]]
    if not wanted:
        options.error("say how much: " + ", ".join(f"--{part.option} N" for part in PARTS))
    has_failed = False
    for part in wanted:
        for row in part.run(much[part], given.seed):
            append(row, command)
            print(f"{row.what}: {row.number}, failed: {row.failed or 'none'}", flush=True)
            has_failed = has_failed or bool(row.failed)
    return 1 if has_failed else 0


if __name__ == "__main__":
    sys.exit(main())
