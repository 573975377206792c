"""What a database file is for: a device's home, or a server. They share the log's tables.

The role stands in the file's header (`PRAGMA application_id`), so that a server is never started
on somebody's home, and the number of migration steps that made the file in `PRAGMA user_version`:
opening reads both from the first page and imports nothing.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Role:
    """One of the two kinds of database.

    Attributes:
        name: of the migration set.
        what: as people call the file.
        application_id: 32 bits in the file's header.
        steps: names of the migration steps in order; their number is the schema number.
    """

    name: str
    what: str
    application_id: int
    steps: tuple[str, ...]

    @property
    def schema(self) -> int:
        """The schema number that this program writes."""
        return len(self.steps)

    @property
    def fresh_sql(self) -> Path:
        """The SQL text that makes a new file as the migration steps would."""
        return Path(__file__).with_name(f"fresh_{self.what}.sql")


CLIENT: Final = Role(
    "cairn-client",
    "home",
    0x4361_726E,
    (
        "log",
        "items",
        "device",
        "imports",
        "measures",
        "ledger",
        "drafts",
        "receipts",
        "outbox",
        "links",
        "members",
        "invites",
        "commit_times",
        "roster",
        "pairing",
        "listed",
        "offered_again",
        "links_anew",
        "footprints",
    ),
)
SERVER: Final = Role(
    "cairn-server",
    "server",
    0x4361_7253,
    (
        "log",
        "members",
        "invites",
        "commit_times",
        "ledger",
        "stated",
        "authority",
        "roster",
        "counted",
        "lease_holder",
        "made_good_uncounted",
    ),
)
