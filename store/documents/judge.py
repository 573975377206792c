"""Decide which changes from strangers a document can take, by trying them with Automerge.

Runs in the child process (`trial_child`), which has limits on time and memory. What it decides
depends on a change and its ancestors only, so that every server decides alike (DECISIONS D22).

A change passes if its envelope is sound (`inspect`), it writes to nothing that its author can't
have seen (`ancestry`), and the document that holds it can be read, saved and loaded again (some are
taken, saved, and then refuse to load: field guide, section 2). Changes are tried together; only if
that fails are they halved until the bad ones are found, and those are tried once more with nothing
but their ancestors.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, NamedTuple

from store.documents.ancestry import Ancestry
from store.documents.binding import Doc
from store.documents.inspect import ChangeRefused, InspectedChange, inspect_change
from store.documents.references import Unfit
from store.documents.schema import genesis_change
from store.domain.ids import DocId
from store.errors import DocumentCorrupt

# Documents kept open, so that a change to a long one needs no reload. They are counted by the size
# of their files; in memory one takes up to some hundred times that.
KEPT_BYTES_MAX: Final = 512 << 10

NOT_LOADABLE: Final = "It can not be loaded together with what it follows."
FOLLOWS_REFUSED: Final = "It builds on a change that was refused."
LACKS_DEPS: Final = "It follows changes that are not here."


class BaseUnreadable(Exception):
    """What was taken before does not load: no verdict on what is new, but the store's trouble."""


class Finding(NamedTuple):
    """What became of one change.

    Attributes:
        hash: its name; empty if its envelope is not sound.
        reason: a sentence that says why it is refused; None if it passes.
    """

    hash: bytes
    reason: str | None


class _Open(NamedTuple):
    """A document as far as it is known here, and the size of its file."""

    doc: Doc
    ancestry: Ancestry
    file_bytes: int


class Judge:
    """Judges the changes of many documents, and keeps a few of these open in between."""

    def __init__(self, *, kept_bytes_max: int = KEPT_BYTES_MAX) -> None:
        """Begin without open documents."""
        self._kept_bytes_max = kept_bytes_max
        self._kept: OrderedDict[DocId, _Open] = OrderedDict()

    def judge(
        self, doc: DocId, new: Sequence[bytes], base: Sequence[bytes] | None = None
    ) -> list[Finding] | None:
        """Try the new changes of a document.

        Args:
            doc: its id.
            new: changes, in any order.
            base: all changes that were taken before, each after those that it follows, without
                genesis. None: perhaps it is not needed.

        Returns:
            What became of each new change, in their order; None if the base is needed.

        Raises:
            BaseUnreadable: the base does not load.
        """
        case = _Case(new)
        kept = self._kept.pop(doc, None)
        opened = kept if kept is not None and base is None else _opened(doc, base or ())
        lacking = case.check(opened.ancestry)
        if lacking and base is None:
            return None
        for change in lacking:
            case.refuse(change, LACKS_DEPS)
        tried = _tried(opened, case.passing)
        if tried is None:
            if kept is not None and base is None:
                return None
            _find_bad(doc, base or (), case)
        elif kept is not None or base is not None:
            self._keep(doc, tried)
        return case.findings()

    def _keep(self, doc: DocId, opened: _Open) -> None:
        self._kept[doc] = opened
        while sum(each.file_bytes for each in self._kept.values()) > self._kept_bytes_max:
            self._kept.popitem(last=False)


class _Case:
    """The new changes of one document, and what was found about each so far."""

    def __init__(self, new: Sequence[bytes]) -> None:
        self._new: list[InspectedChange | ChangeRefused] = [_inspected(raw) for raw in new]
        self._reasons: dict[bytes, str] = {}
        self.passing: list[InspectedChange] = []

    def check(self, ancestry: Ancestry) -> list[InspectedChange]:
        """Check the changes against their ancestors, and add those that pass to these.

        Returns:
            Those whose deps are neither here nor among them.
        """
        waiting = [each for each in self._new if isinstance(each, InspectedChange)]
        while True:
            held = []
            for change in waiting:
                if all(dep in ancestry or dep in self._reasons for dep in change.deps):
                    self._check_one(change, ancestry)
                else:
                    held.append(change)
            if len(held) == len(waiting):
                return held
            waiting = held

    def refuse(self, change: InspectedChange, reason: str) -> None:
        """Refuse a change."""
        self._reasons[change.hash] = reason

    def follows_refused(self, change: InspectedChange) -> bool:
        """Tell whether a change builds on one that was refused."""
        return any(dep in self._reasons for dep in change.deps)

    def findings(self) -> list[Finding]:
        """Give what became of each new change, in the order that they came."""
        return [
            Finding(each.hash, self._reasons.get(each.hash))
            if isinstance(each, InspectedChange)
            else Finding(b"", each.detail)
            for each in self._new
        ]

    def _check_one(self, change: InspectedChange, ancestry: Ancestry) -> None:
        if change.hash in ancestry:
            return
        if self.follows_refused(change):
            self.refuse(change, FOLLOWS_REFUSED)
            return
        try:
            ancestry.check(change)
        except Unfit as error:
            self.refuse(change, str(error))
            return
        ancestry.add(change)
        self.passing.append(change)


def _inspected(raw: bytes) -> InspectedChange | ChangeRefused:
    try:
        return inspect_change(raw)
    except ChangeRefused as refusal:
        return refusal


def _opened(doc: DocId, base: Sequence[bytes]) -> _Open:
    """Open a document from what was taken before."""
    try:
        ancestry = Ancestry(doc, map(inspect_change, base))
        loaded = Doc.load([genesis_change(doc), *base], hashes=ancestry, name=doc)
        return _Open(loaded, ancestry, 0)
    except (ChangeRefused, KeyError, DocumentCorrupt) as error:
        raise BaseUnreadable(f"The stored changes of {doc} do not load: {error}") from error


def _tried(opened: _Open, new: Sequence[InspectedChange]) -> _Open | None:
    """Let a document take changes; give it as it is after a turn through its file, or None."""
    try:
        opened.doc.apply(new)
        opened.doc.extract()
        file = opened.doc.save()
        again = Doc.load([file], hashes=opened.ancestry, name=opened.doc.name)
    except DocumentCorrupt:
        return None
    return _Open(again, opened.ancestry, len(file))


def _find_bad(doc: DocId, base: Sequence[bytes], case: _Case) -> None:
    """Find the changes that a document can't take, when it can't take all of them."""
    before = [inspect_change(raw) for raw in base]
    family = Ancestry(doc, [*before, *case.passing])
    good: list[InspectedChange] = []

    def find(part: Sequence[InspectedChange]) -> None:
        fit = []
        for change in part:
            if case.follows_refused(change):
                case.refuse(change, FOLLOWS_REFUSED)
            else:
                fit.append(change)
        if not fit:
            return
        if _tried(_opened(doc, [c.raw for c in (*before, *good)]), fit) is not None:
            good.extend(fit)
        elif len(fit) > 1:
            find(fit[: len(fit) // 2])
            find(fit[len(fit) // 2 :])
        else:
            (change,) = fit
            ancestors = family.ancestors(change)
            own = [c.raw for c in (*before, *good) if c.hash in ancestors]
            if _tried(_opened(doc, own), fit) is None:
                case.refuse(change, NOT_LOADABLE)
            else:
                good.append(change)

    find(case.passing)
