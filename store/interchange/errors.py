"""What importing and exporting can fail with as a whole; what one file fails with is reported.

DomainError             StoreError
├─ ImportRefused        └─ StorageError
└─ ExportRefused           └─ ExportStopped
"""

import errno
from pathlib import Path

from store.domain.errors import DomainError
from store.errors import StorageError

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class ImportRefused(DomainError):
    """There is nothing at this path that could be imported."""

    type = "import-refused"
    title = "Nothing to import"


class ExportRefused(DomainError):
    """Writing here would overwrite what isn't ours, or isn't possible."""

    type = "export-refused"
    title = "Can't export there"


class ExportStopped(StorageError):
    """The disk or the system stopped an export; what was written so far is whole files.

    Attributes:
        path: the file that could not be written.
    """

    type = "export-stopped"
    title = "The export stopped"

    def __init__(self, path: Path, error: OSError) -> None:
        """Say in one sentence which file could not be written, why, and what to do."""
        if error.errno in _NO_SPACE:
            why = f"No space left on the disk for {path}; free some space and export again."
        else:
            why = (
                f"{path} can't be written ({error.strerror or error}); "
                "check its folder, or export to another one."
            )
        super().__init__(why)
        self.path = path
