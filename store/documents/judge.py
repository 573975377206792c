"""Decide which changes from strangers a document can take, for the server: by trying them.

Runs in the child process (`trial_child`), which has limits on time and memory. The verdicts are
those of `verdicts`, which clients use too; what is here keeps a few documents open in between, and
asks for what it lacks.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, NamedTuple

from store.documents.ancestry import Ancestry
from store.documents.binding import Doc
from store.documents.inspect import ChangeRefused, InspectedChange, inspect_change
from store.documents.verdicts import Case, find_bad, loaded, tried
from store.domain.ids import DocId
from store.errors import DocumentCorrupt

# Documents kept open, so that a change to a long one needs no reload. They are counted by the size
# of their files; in memory one takes some hundred times that. The last one is kept in any case: a
# long history comes in many parts, and its file is larger than this.
KEPT_BYTES_MAX: Final = 512 << 10

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
        inspected = [_inspected(raw) for raw in new]
        case = Case(each for each in inspected if isinstance(each, InspectedChange))
        kept = self._kept.pop(doc, None)
        opened = kept if kept is not None and base is None else _opened(doc, base or ())
        lacking = case.check(opened.ancestry)
        if lacking and base is None:
            return None
        for change in lacking:
            case.refuse(change, LACKS_DEPS)
        turned = tried(opened.doc, case.passing, opened.ancestry)
        if turned is None:
            if kept is not None and base is None:
                return None
            find_bad(doc, [inspect_change(raw) for raw in base or ()], case)
        elif kept is not None or base is not None:
            self._keep(doc, _Open(turned.doc, opened.ancestry, turned.file_bytes))
        return [_finding(each, case) for each in inspected]

    def _keep(self, doc: DocId, opened: _Open) -> None:
        self._kept[doc] = opened
        while len(self._kept) > 1 and self._kept_bytes > self._kept_bytes_max:
            self._kept.popitem(last=False)

    @property
    def _kept_bytes(self) -> int:
        return sum(each.file_bytes for each in self._kept.values())


def _inspected(raw: bytes) -> InspectedChange | ChangeRefused:
    try:
        return inspect_change(raw)
    except ChangeRefused as refusal:
        return refusal


def _finding(each: InspectedChange | ChangeRefused, case: Case) -> Finding:
    if isinstance(each, InspectedChange):
        return Finding(each.hash, case.why_refused(each.hash))
    return Finding(b"", each.detail)


def _opened(doc: DocId, base: Sequence[bytes]) -> _Open:
    """Open a document from what was taken before."""
    try:
        changes = [inspect_change(raw) for raw in base]
        return _Open(loaded(doc, changes), Ancestry(doc, changes), 0)
    except (ChangeRefused, KeyError, DocumentCorrupt) as error:
        raise BaseUnreadable(f"The stored changes of {doc} do not load: {error}") from error
