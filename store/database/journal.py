"""Which journal is safe with the SQLite that this Python links (DECISIONS D13).

SQLite 3.7.0 to 3.51.2 can lose an acknowledged commit, or damage the file, when two connections
write and checkpoint a write-ahead log at once; 3.51.3, 3.50.7 and 3.44.6 are mended. A mended build
gets WAL, any other one a truncated rollback journal, which never had the fault.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

Version = tuple[int, int, int]

_MENDED: Final[Version] = (3, 51, 3)
# First mended release of an older line, and the first release of the next line.
_MENDED_LINES: Final[tuple[tuple[Version, Version], ...]] = (
    ((3, 44, 6), (3, 45, 0)),
    ((3, 50, 7), (3, 51, 0)),
)


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal in use, for `cairn doctor`.

    Attributes:
        mode: as SQLite reports it: `truncate`, `wal` ...
        sqlite: version that this Python links.
    """

    mode: str
    sqlite: Version

    @property
    def is_safe(self) -> bool:
        """Whether two connections can't lose each other's commits."""
        return self.mode != "wal" or not loses_commits(self.sqlite)

    @property
    def detail(self) -> str:
        """One sentence for a person."""
        version = ".".join(str(part) for part in self.sqlite)
        if not self.is_safe:
            return f"SQLite {version} can lose commits in WAL mode; close every Cairn on this home."
        if loses_commits(self.sqlite):
            return f"SQLite {version} can lose commits in WAL mode, so {self.mode} is used."
        return f"SQLite {version} with journal mode {self.mode}."


def linked_version() -> Version:
    """Tell which SQLite this Python links."""
    major, minor, patch = sqlite3.sqlite_version_info[:3]
    return major, minor, patch


def loses_commits(version: Version) -> bool:
    """Tell whether WAL can lose a commit with this SQLite."""
    return version < _MENDED and not any(low <= version < high for low, high in _MENDED_LINES)


def wanted_mode(version: Version) -> str:
    """Choose the journal mode for this SQLite."""
    return "TRUNCATE" if loses_commits(version) else "WAL"
