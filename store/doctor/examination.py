"""What an examination tells: a line for each thing that was looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_NAMED_MAX: Final = 3  # a line, not a page
CURE: Final = "`cairn doctor --repair` puts it right"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: short and stable, for scripts.
        ok: nothing has to be done about it.
        detail: one sentence.
    """

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found, in the order in which a reader wants it: the cause before its effects."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether the home is sound."""
        return all(check.ok for check in self.checks)

    def failed(self, name: str) -> bool:
        """Whether a check of this name is not ok."""
        return any(check.name == name and not check.ok for check in self.checks)


def outcome(name: str, problems: Iterable[str], sound: str, *, cure: str = CURE) -> Check:
    """Make a check of problems: the first few by name, the others by number.

    Args:
        name: of the check.
        problems: what is wrong, a clause each; none if all is well.
        sound: the sentence for that case.
        cure: what to do otherwise, a clause.
    """
    found = list(problems)
    if not found:
        return Check(name, True, sound)
    told = "; ".join(found[:_NAMED_MAX])
    if len(found) > _NAMED_MAX:
        told += f"; and {len(found) - _NAMED_MAX} more"
    return Check(name, False, f"{told}. {cure}.")


def counted(number: int, one: str, many: str | None = None) -> str:
    """Say a number of things."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
