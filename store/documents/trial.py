"""Have changes from strangers tried in a child process, without loading Automerge in this one.

The child (`trial_child`) has limits on memory and time, and judges (`judge`). It is started when
it is first needed and kept: a start takes 0.2 s, a change 0.2 ms. What stops it is no verdict on
any change: `TrialUnavailable` says "later", and the next question starts another (DECISIONS D22).
It names the documents for which "later" won't help: those of which one alone is more than a child
has memory for, or takes more of the processor's time than any may (ADR 32).
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, NamedTuple, Self

from store.documents.trial_process import ChildStopped, TrialProcess, command
from store.documents.trial_wire import FoundDoc, Work, WorkDoc
from store.domain.ids import DocId
from store.errors import StoreError

START_TIMEOUT_S: Final = 15.0
REQUEST_TIMEOUT_S: Final = 15.0
TIMEOUT_S_MAX: Final = 60.0
# Of the processor's time, which a busy computer doesn't spend faster.
REQUEST_CPU_S: Final = 10
CPU_S_MAX: Final = 40
# What honest changes take at most, on top of both: typed text takes 15 s per MB.
BYTES_PER_S: Final = 32 << 10
MEMORY_BYTES_MAX: Final = 3 << 29  # 1.5 GiB; a note of 100,000 characters takes 25 MB

# One round trip: few enough that an honest one ends far within its time, many enough that a
# thousand new tasks take a handful.
ROUND_BYTES_MAX: Final = 128 << 10
ROUND_DOCS_MAX: Final = 500
STOPS_MAX: Final = 2  # of the child within one batch; the rest of it comes later


class TrialUnavailable(StoreError):
    """Some changes could not be tried. That is no verdict: they may be sent again.

    Attributes:
        docs: the documents that nothing is said about.
        outgrown: those of them that, alone, made a child crash which had nothing else to do, or
            took all the processor's time that there is for one.
        verdicts: what was found about the others; as `TrialLoader.check_batch` returns it.
    """

    type = "trial-unavailable"
    title = "The changes could not be examined"

    def __init__(
        self,
        why: str,
        docs: Sequence[DocId] = (),
        verdicts: Mapping[bytes, str | None] | None = None,
        outgrown: Sequence[DocId] = (),
    ) -> None:
        """Say what stopped the trial."""
        super().__init__(f"The changes could not be examined ({why}); try again later.")
        self.docs = tuple(docs)
        self.outgrown = tuple(outgrown)
        self.verdicts = dict(verdicts or {})


@dataclass(frozen=True, slots=True)
class TrialDoc:
    """New changes of one document.

    Attributes:
        doc: its id.
        new: change bytes, in any order; what they follow is among them, genesis, or stored.
    """

    doc: DocId
    new: Sequence[bytes]


class _Stopped(NamedTuple):
    """What there is instead of a verdict on a document."""

    why: str
    is_outgrown: bool = False


@dataclass(frozen=True, slots=True)
class TrialVerdict:
    """What was found about one change.

    Attributes:
        ok: whether it may be taken.
        detail: else a sentence that says why not.
    """

    ok: bool
    detail: str = ""


class TrialLoader:
    """Tries changes in a child process. Thread-safe: questions wait for each other."""

    def __init__(
        self,
        *,
        start_timeout_s: float = START_TIMEOUT_S,
        request_timeout_s: float = REQUEST_TIMEOUT_S,
        request_cpu_s: int = REQUEST_CPU_S,
        memory_bytes_max: int = MEMORY_BYTES_MAX,
        arguments: Sequence[str] | None = None,
    ) -> None:
        """Take limits; the child is started when it is first needed.

        Args:
            start_timeout_s: until the child must be ready.
            request_timeout_s: until it must have answered; larger requests get more.
            request_cpu_s: of the processor's time until then; larger requests get more.
            memory_bytes_max: of the child's address space.
            arguments: another command line for the child.
        """
        self._start_timeout_s = start_timeout_s
        self._request_timeout_s = request_timeout_s
        self._request_cpu_s = request_cpu_s
        self._arguments = list(arguments or command(memory_bytes_max))
        self._lock = threading.Lock()
        self._child: TrialProcess | None = None
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process number of the child, if there is one."""
        return self._child.pid if self._child else None

    def check(
        self, doc: DocId, base: Sequence[bytes], new: Sequence[bytes]
    ) -> tuple[TrialVerdict, ...]:
        """Try the new changes of one document.

        Args:
            doc: its id.
            base: all its stored changes without genesis, each after those that it follows. They
                are only sent to the child if it hasn't got the document open.
            new: change bytes.

        Returns:
            A verdict for each new change, in their order.

        Raises:
            TrialUnavailable: no verdict.
        """
        ((_, found),) = self._found([TrialDoc(doc, new)], lambda _: base)
        if isinstance(found, _Stopped):
            raise TrialUnavailable(found.why, [doc], outgrown=[doc] if found.is_outgrown else [])
        return tuple(TrialVerdict(reason is None, reason or "") for _, reason in found.findings)

    def check_batch(
        self, docs: Sequence[TrialDoc], base_of: Callable[[DocId], Sequence[bytes]]
    ) -> dict[bytes, str | None]:
        """Try the new changes of many documents in as few round trips as is safe.

        Args:
            docs: documents with their new changes, which `inspect_change` has let through.
            base_of: gives the stored changes of a document, as `check` takes them. Called for
                those that the child needs only: new documents, and those it has open, do without.

        Returns:
            By hash of the change: None if it may be taken, else a sentence that says why not.

        Raises:
            TrialUnavailable: some could not be tried; it holds the verdicts on the others.
        """
        verdicts: dict[bytes, str | None] = {}
        left: dict[DocId, _Stopped] = {}
        for doc, found in self._found(docs, base_of):
            if isinstance(found, _Stopped):
                left[doc] = found
            else:
                verdicts.update(found.findings)
        if left:
            *_, last = left.values()
            outgrown = [doc for doc, stopped in left.items() if stopped.is_outgrown]
            raise TrialUnavailable(last.why, list(left), verdicts, outgrown)
        return verdicts

    def close(self) -> None:
        """Stop the child; a question under way ends with TrialUnavailable, and so do later ones."""
        self._is_closed = True
        child = self._child
        if child is not None:
            child.kill()
        with self._lock:
            if self._child is not None:
                self._child.close()
                self._child = None

    def _found(
        self, docs: Iterable[TrialDoc], base_of: Callable[[DocId], Sequence[bytes]]
    ) -> Iterator[tuple[DocId, FoundDoc | _Stopped]]:
        """Find out about documents, in any order, as far as that is possible."""
        held: list[WorkDoc] = []
        for work, found in self._ask_all(WorkDoc(each.doc, each.new) for each in docs):
            if isinstance(found, FoundDoc) and found.needs_base:
                held.append(work)
            else:
                yield DocId(work.doc), found
        yield from (
            (DocId(work.doc), found)
            for work, found in self._ask_all(
                WorkDoc(each.doc, each.new, base_of(DocId(each.doc))) for each in held
            )
        )

    def _ask_all(self, works: Iterable[WorkDoc]) -> Iterator[tuple[WorkDoc, FoundDoc | _Stopped]]:
        stops = 0
        stopped = _Stopped("")
        for part in _rounds(works):
            answers: Sequence[FoundDoc | _Stopped] = [stopped] * len(part)
            if stops < STOPS_MAX:
                try:
                    answers = [
                        _Stopped(each.unreadable) if each.unreadable else each
                        for each in self._ask(part)
                    ]
                except ChildStopped as error:
                    stops += 1
                    stopped = _Stopped(str(error))
                    is_outgrown = len(part) == 1 and (error.has_crashed or error.is_spent)
                    answers = [_Stopped(str(error), is_outgrown)] * len(part)
            yield from zip(part, answers, strict=True)

    def _ask(self, part: list[WorkDoc]) -> list[FoundDoc]:
        """Ask a child; where one crashed at a single document, another that has no other open."""
        with self._lock:
            child = self._running()
            held_others = child.holds_documents
            try:
                return self._ask_child(child, part)
            except ChildStopped as error:
                if not (error.has_crashed and held_others and len(part) == 1):
                    raise
            return self._ask_child(self._running(), part)

    def _ask_child(self, child: TrialProcess, part: list[WorkDoc]) -> list[FoundDoc]:
        for_size_s = sum(map(_size, part)) / BYTES_PER_S
        cpu_s = min(self._request_cpu_s + round(for_size_s), CPU_S_MAX)
        timeout_s = min(self._request_timeout_s + for_size_s * 1.5, TIMEOUT_S_MAX)
        try:
            return child.ask(Work(part, cpu_s), timeout_s=timeout_s).docs
        except ChildStopped:
            self._child = None
            raise

    def _running(self) -> TrialProcess:
        """Give the child; start one if there is none, or none any more."""
        if self._child is not None and self._child.has_ended:  # while it had nothing to do
            self._child.close()
            self._child = None
        if self._is_closed:
            raise ChildStopped("it was closed")
        if self._child is None:
            self._child = TrialProcess(self._arguments, start_timeout_s=self._start_timeout_s)
        return self._child


def _rounds(works: Iterable[WorkDoc]) -> Iterator[list[WorkDoc]]:
    """Cut work into requests that take about as long as each other."""
    part: list[WorkDoc] = []
    size = 0
    for work in works:
        added = _size(work)
        if part and (size + added > ROUND_BYTES_MAX or len(part) == ROUND_DOCS_MAX):
            yield part
            part, size = [], 0
        part.append(work)
        size += added
    if part:
        yield part


def _size(work: WorkDoc) -> int:
    return sum(map(len, work.new)) + sum(map(len, work.base or ()))
