"""What becomes of new changes of a document: the same verdicts, by this code, on every replica.

A change passes if it writes to nothing that its author can't have seen (`ancestry`), and the
document that holds it can be read, saved and loaded again (some are taken, saved, and then refuse
to load: field guide, section 2). That depends on the change and its ancestors alone (DECISIONS
D22), else one hostile peer could make replicas that follow different rules differ for good.

Changes are tried together; only if that fails are they halved until the bad ones are found, and
those are tried once more with nothing but their ancestors.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from store.documents.ancestry import Ancestry, Placed
from store.documents.binding import Doc
from store.documents.inspect import InspectedChange
from store.documents.references import Unfit
from store.documents.schema import genesis_change, genesis_hash
from store.domain.ids import DocId
from store.errors import DocumentCorrupt

NOT_LOADABLE: Final = "It can not be loaded together with what it follows."
FOLLOWS_REFUSED: Final = "It builds on a change that was refused."


class Case:
    """The new changes of one document, and what was found about each so far.

    Attributes:
        passing: those that fit their ancestors, each after those that it follows. Whether they load
            is another question.
    """

    def __init__(self, new: Iterable[InspectedChange]) -> None:
        """Take changes in any order."""
        self._new = tuple(new)
        self._reasons: dict[bytes, str] = {}
        self.passing: list[InspectedChange] = []

    def check(self, ancestry: Ancestry) -> list[InspectedChange]:
        """Check the changes against their ancestors, and add those that pass to these.

        Returns:
            Those whose deps are neither here nor among them.
        """
        waiting = list(self._new)
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

    def why_refused(self, change: bytes) -> str | None:
        """Give the reason why a change was refused; None if it was not."""
        return self._reasons.get(change)

    def refused(self) -> list[tuple[InspectedChange, str]]:
        """List the refused changes with the reasons, in the order that they came."""
        return [(c, self._reasons[c.hash]) for c in self._new if c.hash in self._reasons]

    def follows_refused(self, change: InspectedChange) -> bool:
        """Tell whether a change builds on one that was refused."""
        return any(dep in self._reasons for dep in change.deps)

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


class Turned(NamedTuple):
    """A document after a turn through its file, and the size of that."""

    doc: Doc
    file_bytes: int


def loaded(doc: DocId, changes: Iterable[Placed]) -> Doc:
    """Open a document from its genesis and its changes; raises DocumentCorrupt."""
    held = tuple(changes)
    raws, hashes = [c.raw for c in held], [c.hash for c in held]
    return Doc.load([genesis_change(doc), *raws], hashes=[genesis_hash(doc), *hashes], name=doc)


def tried(doc: Doc, new: Sequence[InspectedChange], hashes: Iterable[bytes]) -> Turned | None:
    """Let a document take changes, read it all, and open what it saves.

    Args:
        doc: the document; it is not to be used any more, whatever comes out.
        new: changes whose deps are in it or among them.
        hashes: of all changes that it holds then.

    Returns:
        The document as it is after a turn through its file, or None where that fails.
    """
    try:
        doc.apply(new)
        doc.extract()
        file = doc.save()
        return Turned(Doc.load([file], hashes=hashes, name=doc.name), len(file))
    except DocumentCorrupt:
        return None


def find_bad(doc: DocId, before: Sequence[Placed], case: Case) -> None:
    """Find the changes that a document can't take, when it can't take all of them.

    Args:
        doc: its id.
        before: its changes without genesis, each after those that it follows.
        case: what passed the check so far; the bad ones are refused there.

    Raises:
        DocumentCorrupt: what was there before does not load.
    """
    search = _Search(doc, before, case)
    search.find(case.passing)


class _Search:
    """The search for the bad ones among changes of one document."""

    def __init__(self, doc: DocId, before: Sequence[Placed], case: Case) -> None:
        self._doc = doc
        self._case = case
        self._family = Ancestry(doc, [*before, *case.passing])
        self._good: list[Placed] = list(before)

    def find(self, part: Sequence[InspectedChange]) -> None:
        fit = [change for change in part if not self._falls(change)]
        if not fit:
            return
        if self._loads(self._good, fit):
            self._good.extend(fit)
        elif len(fit) > 1:
            self.find(fit[: len(fit) // 2])
            self.find(fit[len(fit) // 2 :])
        else:
            self._try_with_ancestors(fit[0])

    def _falls(self, change: InspectedChange) -> bool:
        falls = self._case.follows_refused(change)
        if falls:
            self._case.refuse(change, FOLLOWS_REFUSED)
        return falls

    def _try_with_ancestors(self, change: InspectedChange) -> None:
        ancestors = self._family.ancestors(change)
        if self._loads([c for c in self._good if c.hash in ancestors], [change]):
            self._good.append(change)
        else:
            self._case.refuse(change, NOT_LOADABLE)

    def _loads(self, before: Sequence[Placed], new: Sequence[InspectedChange]) -> bool:
        return tried(loaded(self._doc, before), new, ()) is not None
