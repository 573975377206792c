"""What keeping data can fail with. The class is what callers branch on, the text is for the person.

StoreError               type, title; str(error) is one sentence that says what to do
├─ HomeError             the home (its folder or database) can't be used as it is
│  ├─ HomeBusy           another process held it for too long; nothing was written, try again
│  ├─ HomeClosed         this process has closed it
│  ├─ HomeCorrupt        not a database, not ours, or damaged
│  ├─ HomeReadOnly       the folder or the file may not be written
│  └─ SchemaTooNew       written by a newer Cairn
├─ StorageError          the disk said no; the transaction was rolled back
│  ├─ StorageFull        no space left
│  └─ StorageFailed      the disk or the system reported an error
├─ DocumentCorrupt       the changes of one document don't load; the others do
├─ LedgerDamaged         what the authority is said to have decided can't be read or isn't signed
│  └─ LedgerKeyChanged   another authority speaks than the one whose word this device took first
├─ LedgerTooNew          an act of it is signed, but says what only a newer Cairn can read
└─ UnknownSpace          a log was asked for that this database doesn't hold

What a rule refuses is a `DomainError`, what the network refuses a `SyncError`.
"""

from pathlib import Path
from typing import ClassVar


class StoreError(Exception):
    """Something about the stored data stands in the way; show it.

    Attributes:
        type: stable slug for programs (`--json`).
        title: a few words for people, the same for every error of the class.
    """

    type: ClassVar[str] = "store"
    title: ClassVar[str] = "The data can't be used"

    @property
    def detail(self) -> str:
        """The one sentence that says what is wrong and what to do."""
        return str(self)


class HomeError(StoreError):
    """The home can't be used as it is.

    Attributes:
        path: its database file.
    """

    type = "home"
    title = "The home can't be used"

    def __init__(self, detail: str, *, path: Path) -> None:
        """Say what is wrong in one sentence, and with which file."""
        super().__init__(detail)
        self.path = path


class HomeBusy(HomeError):
    """Another process held the database for longer than we wait. Nothing was written."""

    type = "home-busy"
    title = "The home is busy"

    def __init__(self, path: Path) -> None:
        """Name the database file that stayed locked."""
        super().__init__(
            f"Another program is using {path}; nothing was changed, so try again in a moment.",
            path=path,
        )


class HomeClosed(HomeError):
    """This process has closed the home, so nothing can be read or written any more."""

    type = "home-closed"
    title = "The home is closed"

    def __init__(self, path: Path) -> None:
        """Name the database file that was closed."""
        super().__init__(f"{path} was closed; open the home again.", path=path)


class HomeCorrupt(HomeError):
    """The file is no database, is another program's, or is damaged."""

    type = "home-corrupt"
    title = "The home is damaged"

    def __init__(self, path: Path, why: str) -> None:
        """Say what was found in the file, in words that follow its name ("is no database")."""
        super().__init__(
            f"{path} {why}; run `cairn doctor --repair`, or restore a backup.", path=path
        )


class HomeReadOnly(HomeError):
    """The folder or the file may not be written."""

    type = "home-read-only"
    title = "The home can't be written"

    def __init__(self, path: Path) -> None:
        """Name the file that could not be opened or written."""
        super().__init__(
            f"{path} can't be opened for writing; check the permissions of its folder, "
            "or choose another with --home.",
            path=path,
        )


class SchemaTooNew(HomeError):
    """A newer Cairn has written the database; this one would misread it.

    Attributes:
        found: the schema number in the file.
        known: the highest that this program knows.
    """

    type = "schema-too-new"
    title = "Written by a newer Cairn"

    def __init__(self, path: Path, *, found: int, known: int) -> None:
        """Name the file and both schema numbers."""
        super().__init__(
            f"This home was written by a newer Cairn (schema {found}, this one knows {known}); "
            "update Cairn.",
            path=path,
        )
        self.found = found
        self.known = known


class StorageError(StoreError):
    """The disk said no. The transaction was rolled back, so nothing is half written."""

    type = "storage"
    title = "The disk said no"


class StorageFull(StorageError):
    """No space is left on the disk."""

    type = "storage-full"
    title = "The disk is full"

    def __init__(self, path: Path) -> None:
        """Name the file that could not grow."""
        super().__init__(
            f"No space left on the disk of {path}; nothing was changed, "
            "so free some space and try again."
        )
        self.path = path


class StorageFailed(StorageError):
    """The disk or the operating system reported an error."""

    type = "storage-failed"
    title = "The disk reported an error"

    def __init__(self, path: Path, why: str) -> None:
        """Name the file, and the error in the system's words."""
        super().__init__(
            f"The disk reported an error at {path} ({why}); nothing was changed, "
            "so check the disk and try again."
        )
        self.path = path


class DocumentCorrupt(StoreError):
    """The changes of a document don't load.

    Attributes:
        doc: id of the document.
    """

    type = "document-corrupt"
    title = "An item is damaged"

    def __init__(self, doc: str, why: str) -> None:
        """Name the document, and what Automerge says about it."""
        super().__init__(
            f"The history of {doc} can't be read ({why}); run `cairn doctor --repair` "
            "and sync to fetch it again."
        )
        self.doc = doc


class LedgerDamaged(StoreError):
    """An act of a ledger can't be read, isn't signed by its authority, or one is missing before it.

    Attributes:
        why: what is wrong, in words that follow "The ledger is not to be trusted:".
    """

    type = "ledger-damaged"
    title = "The ledger can't be trusted"

    def __init__(self, why: str) -> None:
        """Say what is wrong."""
        super().__init__(
            f"The ledger is not to be trusted: {why}; nothing of it was taken in. "
            "Sync again, and ask whoever runs the server if it stays so."
        )
        self.why = why


class LedgerKeyChanged(LedgerDamaged):
    """The server signs with another key than the one that this device believes."""

    type = "ledger-key-changed"

    def __init__(self) -> None:
        """Say that it is another key."""
        super().__init__("its server shows another key than when this device first met it")


class LedgerTooNew(StoreError):
    """An act that the authority has signed can't be read: a newer Cairn wrote it."""

    type = "ledger-too-new"
    title = "Written by a newer Cairn"

    def __init__(self, why: str) -> None:
        """Say what could not be read."""
        super().__init__(f"The server's ledger says what this version can't read ({why}); update.")


class UnknownSpace(StoreError):
    """A log was asked for that this database doesn't hold.

    Attributes:
        space: id of the space.
    """

    type = "unknown-space"
    title = "No such space"

    def __init__(self, space: str) -> None:
        """Name the space."""
        super().__init__(f"There is no space {space} here; join it first.")
        self.space = space
