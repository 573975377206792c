"""Worlds of a hundred steps; each ends with all alike and nothing lost.

CAIRN_WORLDS says how many; the first CAIRN_WORLDS_TWICE of them live twice, with the same trace.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from store.documents.trial import TrialLoader
from tests.simulation.twice import Trials
from tests.simulation.world import run_world

WORLDS = int(os.environ.get("CAIRN_WORLDS", "200"))
TWICE = int(os.environ.get("CAIRN_WORLDS_TWICE", "20"))
AT_ONCE = 5  # worlds a test: so that many processes can share them


@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(0, WORLDS, AT_ONCE))
def test_every_world_ends_with_everybody_alike_and_nothing_lost(
    first: int, tmp_path: Path, trial: TrialLoader
) -> None:
    outcomes = [
        run_world(seed, tmp_path / str(seed), trial) for seed in range(first, first + AT_ONCE)
    ]

    failed = {outcome.seed: outcome.faults for outcome in outcomes if outcome.faults}
    assert failed == {}, f"replay with: make simulate RUNS=1 SEED={min(failed)}"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(0, TWICE, AT_ONCE))
def test_a_seed_gives_the_same_trace_twice(first: int, tmp_path: Path) -> None:
    with Trials() as trials:
        for seed in range(first, first + AT_ONCE):
            outcome = trials.run_twice(seed, tmp_path / str(seed))
            assert outcome.faults == (), seed
            assert outcome.told["lines"] > 100


def test_a_seed_gives_the_same_trace_in_another_process() -> None:
    """The order of Python's sets differs from process to process; nothing may depend on it."""
    told = {
        hashlib.sha256(
            subprocess.run(
                [sys.executable, "-m", "tests.simulation", "--runs", "2", "--seed", "3", "--bare"],
                env=os.environ | {"PYTHONHASHSEED": hash_seed},
                capture_output=True,
                check=True,
            ).stdout
        ).hexdigest()
        for hash_seed in ("1", "2")
    }
    assert len(told) == 1
