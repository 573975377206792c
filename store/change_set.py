"""What a commit touched and who began it: the one event that views and the sync engine listen to.

It is sent after the commit, and only if something moved. `initiator` lets an editor ignore the
echo of its own typing.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

Topic = Literal["items", "conflicts", "spaces", "sync", "identity", "ledger", "settings"]
BY_ITSELF: Final = frozenset({"sync", "peer", "doctor", "program", "other-process"})


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What moved in one commit.

    Attributes:
        docs: ids of the documents whose heads or rows moved; empty with `is_unknown`.
        topics: kinds of rows that may read differently now.
        spaces: ids of the spaces of those documents.
        initiator: who began it: the caller's own tag; what is none of a person's is `BY_ITSELF`:
            `sync` for remote changes, `peer` for those of guests, `doctor`, `program` for other
            work of its own, `other-process`.
        is_unknown: another process wrote, so anything may have moved: read everything again.
    """

    docs: frozenset[str] = field(default_factory=frozenset)
    topics: frozenset[Topic] = field(default_factory=frozenset)
    spaces: frozenset[str] = field(default_factory=frozenset)
    initiator: str = ""
    is_unknown: bool = False

    def touches(self, doc: str) -> bool:
        """Tell whether the document may have moved."""
        return self.is_unknown or doc in self.docs

    def concerns(self, topic: Topic) -> bool:
        """Tell whether rows of the topic may read differently now."""
        return self.is_unknown or topic in self.topics
