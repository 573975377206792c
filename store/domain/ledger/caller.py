"""Who asks the authority for something, and what that person's role allows."""

from dataclasses import dataclass
from typing import Final

from store.domain.errors import Refused

TIERS: Final = {"owner": 2, "editor": 1, "viewer": 0}


@dataclass(frozen=True, slots=True)
class Caller:
    """A member device.

    Attributes:
        replica: its replica id.
        person: for display.
        role: `owner`, `editor` or `viewer`.
        others: replica ids of the space's other devices that may get a quota.
    """

    replica: str
    person: str
    role: str
    others: frozenset[str] = frozenset()

    @property
    def tier(self) -> int:
        """How high the member ranks where something has to be cancelled."""
        return TIERS.get(self.role, 0)

    @property
    def is_owner(self) -> bool:
        """Whether the member owns the space."""
        return self.role == "owner"

    def needs_owner(self, what: str) -> None:
        """Raise Refused unless the member owns the space."""
        if not self.is_owner:
            raise Refused(f"Only an owner of the space may {what}; ask one.")
