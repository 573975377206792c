"""The spaces of this replica: which there are, which one is current, and finding one by name.

A space has its log in `store.log`; its server, if it has one, is a peer (`store.peers`).
"""

import sqlite3
from typing import Any, Final, Literal

from store.database.meta import read_meta, write_meta
from store.domain.errors import Ambiguous, NotFound
from store.domain.ids import SpaceId
from store.peers import ROLE_IN_SPACE
from store.rows import SpaceRow

_SELECT: Final = (
    f"SELECT space.id, space.name, space.kind, space.is_current, {ROLE_IN_SPACE}, peer.url,"
    " EXISTS (SELECT 1 FROM member_root WHERE member_root.space = space.id)"
    " FROM space LEFT JOIN peer ON peer.space = space.id AND peer.kind = 'server'"
)


def spaces(conn: sqlite3.Connection) -> list[SpaceRow]:
    """List all spaces, oldest first."""
    found = conn.execute(f"{_SELECT} ORDER BY space.created_at_ms, space.id")
    return [_space_row(values) for values in found]


def current_space(conn: sqlite3.Connection) -> SpaceRow:
    """Give the space that new items go to.

    Raises:
        NotFound: none is current.
    """
    row = conn.execute(f"{_SELECT} WHERE space.is_current = 1").fetchone()
    if row is None:
        raise NotFound("No space is current; choose one with `cairn space use NAME`.")
    return _space_row(row)


def find_space(conn: sqlite3.Connection, name: str | None) -> SpaceRow:
    """Find a space by its id, name or a unique start of its id; None means the current one.

    A name is found whatever its case, unless another space has it exactly.

    Raises:
        NotFound: no space is called that.
        Ambiguous: several are.
    """
    if name is None:
        return current_space(conn)
    known = spaces(conn)
    for fits in (
        [row for row in known if row.id == name],
        [row for row in known if row.name == name],
        [row for row in known if row.name.casefold() == name.casefold()],
        [row for row in known if name and row.id.startswith(name)],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            ids = tuple(row.id for row in fits)
            raise Ambiguous(
                f"{len(fits)} spaces are called {name}; give an id instead: {', '.join(ids)}.",
                matches=ids,
            )
    names = ", ".join(row.name for row in known)
    raise NotFound(f"No space is called {name}; there are: {names}.")


def space_names(conn: sqlite3.Connection) -> dict[str, str]:
    """Give the names of all spaces by id."""
    return dict(conn.execute("SELECT id, name FROM space").fetchall())


def set_current(conn: sqlite3.Connection, space: SpaceId) -> None:
    """Make a space the one that new items go to."""
    conn.execute("UPDATE space SET is_current = (id = ?)", (space,))


def rename(conn: sqlite3.Connection, space: SpaceId, name: str) -> None:
    """Call a space something else, on this replica."""
    conn.execute("UPDATE space SET name = ? WHERE id = ?", (name, space))


def set_kind(conn: sqlite3.Connection, space: SpaceId, kind: Literal["local", "hosted"]) -> None:
    """Say whether a space has a server."""
    conn.execute("UPDATE space SET kind = ? WHERE id = ?", (kind, space))


def note_carried(conn: sqlite3.Connection, space: SpaceId) -> None:
    """Say that a space came by file: it was made elsewhere, and so is its list of members."""
    write_meta(conn, f"space.carried.{space}", "1")


def is_carried(conn: sqlite3.Connection, space: SpaceId) -> bool:
    """Whether a space came by file."""
    return read_meta(conn, f"space.carried.{space}") is not None


def _space_row(values: tuple[Any, ...]) -> SpaceRow:
    space, name, kind, is_current, role, url, has_list = values
    is_among_devices = url is None and bool(has_list)
    return SpaceRow(space, name, kind, bool(is_current), role, url, is_among_devices)
