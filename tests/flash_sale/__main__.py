"""Holds the sale for the policies that are named (all without a name), prints the table, keeps it.

A smaller sale is a trial: it is printed, and does not take the place of a whole one in the table.

python -m tests.flash_sale [POLICY ...] [--devices 20] [--buyers 50] [--seed 1]
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from store.domain.ledger.policies import NAMES
from tests.benchmarks import measuring
from tests.flash_sale.sale import UNITS, Outcome, hold_sale

KEPT: Final = Path(measuring.__file__).with_name("flash_sale.json")
DEVICES: Final = 20
BUYERS: Final = 50
_HEAD: Final = (
    f"{'policy':14}{'sold':>6}{'refused':>9}{'ended':>7}{'taken back':>12}{'retries':>9}"
    f"{'p50 ms':>9}{'p95 ms':>9}{'offline':>9}{'too many':>10}{'s':>7}"
)


def line(one: Outcome) -> str:
    """One row of the table."""
    return (
        f"{one.policy:14}{one.sold:>6}{one.refused:>9}{one.ended:>7}{one.compensated:>12}"
        f"{one.retries:>9}{one.p50_ms:>9.0f}{one.p95_ms:>9.0f}{one.offline:>9.0%}"
        f"{one.oversold:>10}{one.seconds:>7.1f}"
    )


def keep(
    outcomes: Sequence[Outcome], devices: int, seed: int, path: Path = KEPT
) -> Sequence[Outcome]:
    """Write the table with the machine; policies that were not sold again stay.

    Returns:
        The outcomes that it took: those of a whole sale.
    """
    whole = [one for one in outcomes if devices >= DEVICES and one.buyers >= DEVICES * BUYERS]
    if not whole:
        return whole
    kept = json.loads(path.read_text()) if path.exists() else {"policies": []}
    fresh = {one.policy: {**asdict(one), "devices": devices, "seed": seed} for one in whole}
    merged = {row["policy"]: row for row in kept["policies"]} | fresh
    told = {"machine": measuring.machine(), "units": UNITS, "policies": list(merged.values())}
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    return whole


def main(words: Sequence[str]) -> int:
    """Sell; 1 where a promise did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.flash_sale")
    parser.add_argument("policies", nargs="*", metavar="POLICY", help=", ".join(NAMES))
    parser.add_argument("--devices", type=int, default=DEVICES)
    parser.add_argument("--buyers", type=int, default=BUYERS, help="on each device")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(words)
    unknown = [name for name in given.policies if name not in NAMES]
    if unknown:
        parser.error(f"no policy {unknown[0]}; there are {', '.join(NAMES)}")
    print(
        f"{UNITS} units, {given.devices * given.buyers} buyers on {given.devices} devices with a "
        f"flapping network, seed {given.seed}\n{_HEAD}"
    )
    outcomes: list[Outcome] = []
    for name in given.policies or NAMES:
        # On a real disk: what is measured includes syncing it.
        with tempfile.TemporaryDirectory(prefix="cairn-sale-", dir=Path.cwd()) as folder:
            outcome = hold_sale(
                name,
                Path(folder),
                devices=given.devices,
                buyers=given.buyers,
                seed=given.seed,
            )
        print(line(outcome), flush=True)
        outcomes.append(outcome)
    if not keep(outcomes, given.devices, given.seed):
        print("A trial: the table of whole sales stays as it is.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
