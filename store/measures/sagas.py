"""Counting what an authority's acts begin, complete and take back, by type.

    begun       a booking or transfer that was not there before; a reservation outside of a booking
    completed   a booking or transfer that ended well
    taken back  a booking or transfer that was compensated; a reservation that had to be made good

Each is counted once, on every device that takes the act in: it is the space's, not the device's.
"""

from collections.abc import Iterable
from typing import Final

from store.domain.ledger.books import Books
from store.domain.ledger.facts import Fact, ReservationSet, Saga, SagaSet
from store.domain.measures import names
from store.measures.samples import Samples

RESERVATION: Final = "reservation"
MAKING_GOOD: Final = "compensation"  # kind of the saga that makes a reservation good


def count_facts(books: Books, told: Iterable[Fact], samples: Samples) -> None:
    """Count what the facts of one act change.

    Args:
        books: as they stand before the act.
        told: its facts.
        samples: counted into.
    """
    sagas: dict[str, Saga] = {}
    reserved: set[str] = set()
    for fact in told:
        match fact:
            case SagaSet(saga):
                before = sagas[saga.id] if saga.id in sagas else books.saga(saga.id)
                _count_saga(before, saga, samples)
                sagas[saga.id] = saga
            case ReservationSet(one):
                if one.saga is None and one.id not in reserved:
                    reserved.add(one.id)
                    is_new = books.reservation(one.id) is None
                    samples.count(names.PROMISES, RESERVATION, by=int(is_new))
            case _:
                pass


def _count_saga(before: Saga | None, saga: Saga, samples: Samples) -> None:
    if saga.kind == MAKING_GOOD:
        if before is None:
            samples.count(names.COMPENSATIONS, RESERVATION)
        return
    if before is None:
        samples.count(names.SAGAS_STARTED, saga.kind)
        samples.count(names.PROMISES, saga.kind)
    was = None if before is None else before.state
    if saga.state == "completed" != was:
        samples.count(names.SAGAS_COMPLETED, saga.kind)
    if saga.state == "compensated" != was:
        samples.count(names.COMPENSATIONS, saga.kind)
