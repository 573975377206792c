"""`make simulate RUNS=… SEED=…`: lets worlds live, and tells how it went."""

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

import tests.conftest  # noqa: F401 -- homes in memory, as in the tests
from tests.simulation.twice import Trials
from tests.simulation.world import STEPS, run_world


def main() -> int:
    """Run worlds; 1 if one of them failed."""
    options = argparse.ArgumentParser(prog="python -m tests.simulation")
    options.add_argument("--runs", type=int, default=20)
    options.add_argument("--seed", type=int, default=0, help="the first seed")
    options.add_argument("--steps", type=int, default=STEPS)
    options.add_argument("--twice", action="store_true", help="each world twice: same trace")
    options.add_argument("--trace", action="store_true", help="print the end of each trace")
    options.add_argument("--bare", action="store_true", help="leave out how long it took")
    given = options.parse_args()
    logging.disable(logging.CRITICAL)  # disks fail here all the time
    failed = []
    began, began_cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="cairn-worlds-") as folder, Trials() as trials:
        for seed in range(given.seed, given.seed + given.runs):
            place = Path(folder) / str(seed)
            outcome = (
                trials.run_twice(seed, place, steps=given.steps)
                if given.twice
                else run_world(seed, place, trials.first, steps=given.steps)
            )
            if given.trace:
                print("\n".join(outcome.tail))
            if outcome.faults:
                failed.append(seed)
                print(f"seed {seed} failed:")
                print("\n".join(f"  {one}" for one in outcome.faults))
            else:
                print(f"seed {seed} well {outcome.digest[:12]} {outcome.told}", flush=True)
    took, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    if not given.bare:
        print(
            f"{given.runs} worlds in {took:.1f} s ({cpu:.1f} s of CPU), failed: {failed or 'none'}"
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
