"""Sagas as they are learned of from an authority's acts: begun, complete, going back.

Each is counted once, by what the books knew of it before. A device that reads a ledger for the
first time, or anew after a restore, learns nothing of when: that is not sampled.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from store.domain.ledger.facts import BegunAnew, Fact, Saga, SagaSet
from store.domain.measures import names
from store.measures.samples import Samples

_GOES_BACK: Final = frozenset({"compensating", "compensated", "stuck"})


def sample_sagas(samples: Samples, told: Iterable[Fact], before: Mapping[str, Saga]) -> None:
    """Count what became of sagas.

    Args:
        samples: counted into.
        told: facts in their order.
        before: the sagas that the books knew before these facts, by id.
    """
    known = dict(before)
    for fact in told:
        if isinstance(fact, BegunAnew):
            return
        if isinstance(fact, SagaSet):
            _sample(samples, known.get(fact.saga.id), fact.saga)
            known[fact.saga.id] = fact.saga


def _sample(samples: Samples, before: Saga | None, now: Saga) -> None:
    is_making_good = now.kind == "compensation"
    if before is None:
        samples.count(names.SAGAS_STARTED, now.kind)
    if is_making_good and before is None:
        samples.count(names.COMPENSATIONS, now.kind)
    if not is_making_good and _went_back(now) and not _went_back(before):
        samples.count(names.COMPENSATIONS, now.kind)
    if now.state == "completed" and (before is None or before.state != "completed"):
        samples.count(names.SAGAS_COMPLETED, now.kind)


def _went_back(saga: Saga | None) -> bool:
    return saga is not None and saga.state in _GOES_BACK
