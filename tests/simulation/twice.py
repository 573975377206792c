"""Worlds that live twice: what a seed decides is the same both times, or a test can't repeat it."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Self

from store.documents.trial import TrialLoader
from tests.simulation.world import STEPS, Outcome, run_world


class Trials:
    """Two examining children: the one that has seen a world knows its documents the next time.

    Attributes:
        first: the child of those who live once.
    """

    def __init__(self) -> None:
        self.first, self._second = TrialLoader(), TrialLoader()
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self._running.enter_context(self.first)
        self._running.enter_context(self._second)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def run_twice(self, seed: int, folder: Path, *, steps: int = STEPS) -> Outcome:
        """Let a world live twice in one folder; another trace the second time is a fault."""
        outcome = run_world(seed, folder, self.first, steps=steps)
        if outcome.faults:
            return outcome
        again = run_world(seed, folder, self._second, steps=steps)
        if again.digest == outcome.digest:
            return again
        return replace(again, faults=("another trace the second time", *again.faults))
