"""Has changes tried where they can do no harm, by a few examiners at once.

Each examiner (a child process) has a thread here that waits for it, and keeps to its own documents:
it may have those open still. A trial that runs out of time or memory says nothing about any
document of its round, so those are tried once more one by one: the document at fault is left over,
and the others get their verdict. One that alone is too much for an examiner's memory is told apart
from one that there was no time for: the same would happen again.
"""

import os
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Protocol

from store.documents.trial import TrialDoc, TrialUnavailable
from store.domain.ids import DocId

FAILURES_MAX: Final = 4  # of the examiners in one push; each may cost the whole time of a trial
EXAMINERS_MAX: Final = 2  # a push is half this process's work, so more would wait for it

BaseOf = Callable[[DocId], Sequence[bytes]]


class Examiner(Protocol):
    """What `store.documents.trial.TrialLoader` does, as far as the server needs it."""

    def check_batch(self, docs: Sequence[TrialDoc], base_of: BaseOf) -> Mapping[bytes, str | None]:
        """Judge new changes by hash: None = good, else why not; raises TrialUnavailable."""
        ...


@dataclass(slots=True)
class Examination:
    """What was found, while it grows.

    Attributes:
        verdicts: by hash; None = good, else a sentence that says why not.
        unavailable: documents that nothing is said about, this time.
        outgrown: documents that are too large to be examined here, whenever it is tried.
        failures_left: how often an examiner may still fail.
    """

    verdicts: dict[bytes, str | None] = field(default_factory=dict)
    unavailable: list[DocId] = field(default_factory=list)
    outgrown: list[DocId] = field(default_factory=list)
    failures_left: int = FAILURES_MAX


class Examiners:
    """Examiners and their threads."""

    def __init__(self, examiners: Sequence[Examiner]) -> None:
        """Take the examiners, at least one; whoever made them closes them."""
        self._examiners = [
            (examiner, ThreadPoolExecutor(1, thread_name_prefix="cairn-examiner"))
            for examiner in examiners
        ]

    def begin(
        self, docs: Iterable[TrialDoc], base_of: BaseOf, found: Examination
    ) -> list["Future[None]"]:
        """Begin to judge documents, each by the examiner that judged it last.

        Args:
            docs: documents with their new changes.
            base_of: gives the stored changes of a document; called on another thread.
            found: takes what is found; complete once the futures are done.
        """
        parts: list[list[TrialDoc]] = [[] for _ in self._examiners]
        for each in docs:
            parts[zlib.crc32(each.doc.encode()) % len(parts)].append(each)
        return [
            thread.submit(_examine, examiner, part, base_of, found)
            for part, (examiner, thread) in zip(parts, self._examiners, strict=True)
            if part
        ]

    def close(self) -> None:
        """Wait for what is under way; what was not begun is dropped."""
        for _, thread in self._examiners:
            thread.shutdown(wait=True, cancel_futures=True)


def examiners_wanted() -> int:
    """How many examiners pay on this computer."""
    return min(EXAMINERS_MAX, os.cpu_count() or 1)


def _examine(
    examiner: Examiner, docs: Sequence[TrialDoc], base_of: BaseOf, found: Examination
) -> None:
    left = _try(examiner, docs, base_of, found)
    if len(docs) > 1:
        by_id = {each.doc: each for each in docs}
        left = [doc for doc in left if _try(examiner, [by_id[doc]], base_of, found)]
    found.unavailable += left


def _try(
    examiner: Examiner, docs: Sequence[TrialDoc], base_of: BaseOf, found: Examination
) -> Sequence[DocId]:
    """Try documents at once; give back those without a verdict."""
    if found.failures_left <= 0:
        return [each.doc for each in docs]
    try:
        found.verdicts.update(examiner.check_batch(docs, base_of))
    except TrialUnavailable as stopped:
        found.failures_left -= 1
        found.verdicts.update(stopped.verdicts)
        found.outgrown += stopped.outgrown
        return [doc for doc in stopped.docs if doc not in stopped.outgrown]
    return ()
