"""Each deliberate fault of `mutations` is found by some world, so the oracle can find faults."""

from itertools import chain
from pathlib import Path

import pytest

from store.documents.trial import TrialLoader
from tests.simulation.mutations import MUTATIONS, Mutation
from tests.simulation.world import run_world

SEEDS = 60  # worlds that may pass before one has to find it
# Where to look first: what needs three people at one item, or a failing commit, comes to pass in
# few worlds. When worlds change, others find it, and the test only takes longer.
FIRST: dict[str, int] = {
    "a_failed_commit_is_told_as_a_success": 1,
    "a_refused_change_is_dropped": 11,
    "a_field_replaces_what_somebody_wrote_meanwhile": 39,
    "one_of_three_sides_is_hidden": 28,
    "a_quarrel_about_a_state_is_hidden": 3,
    "a_quarrel_is_seen_where_there_is_none": 1,
    "a_settlement_is_known_to_one_device_only": 16,
    "a_retry_writes_its_event_twice": 3,
    "texts_come_out_as_they_came_in": 8,
    "an_intent_runs_twice": 2,
    "heads_are_never_compared": 2,
    "a_server_takes_any_cursor": 2,
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.__name__)
def test_a_deliberate_fault_is_found(
    mutation: Mutation, tmp_path: Path, trial: TrialLoader
) -> None:
    first = FIRST.get(mutation.__name__, 0)
    seeds = chain([first], (seed for seed in range(SEEDS) if seed != first))

    found = (_faults(mutation, seed, tmp_path, trial) for seed in seeds)

    assert any(found), "no world noticed it"


def _faults(mutation: Mutation, seed: int, folder: Path, trial: TrialLoader) -> tuple[str, ...]:
    with pytest.MonkeyPatch.context() as patch:
        mutation(patch)
        return run_world(seed, folder / str(seed), trial).faults
