"""Finding the one row that a person means: by its id, its name, or a unique start of its id."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from store.domain.errors import Ambiguous, NotFound

R = TypeVar("R")


class Named(Protocol):
    """A row that people call by its name."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def name(self) -> str:
        """Its name."""
        ...


N = TypeVar("N", bound=Named)


def find_named(rows: Iterable[N], what: str, lists: str, named: str) -> N:
    """Find a row by its id, its name, or a unique start of its id; raises NotFound, Ambiguous."""
    rows = list(rows)
    for fits in (
        [row for row in rows if named in (row.id, row.name)],
        [row for row in rows if row.name.casefold() == named.casefold()],
        [row for row in rows if named and row.id.startswith(named)],
    ):
        if fits:
            return single(fits, what, lists, named)
    raise not_found(what, lists, named)


def single(fitting: list[R], what: str, lists: str, named: str) -> R:
    """Give the one row that fits; raises NotFound, Ambiguous."""
    if len(fitting) == 1 and named:
        return fitting[0]
    if not fitting or not named:
        raise not_found(what, lists, named)
    raise Ambiguous(f"{len(fitting)} of them begin with {named}; give more of the id.")


def not_found(what: str, lists: str, named: str) -> NotFound:
    """Say that nothing is called that."""
    return NotFound(f"There is no {what} {named[:60]!a}; `{lists}` lists them.")
