"""The secret by which a server signs what it decides about supplies and money.

Devices believe acts by the public half, which they got with their invite. So the secret is made
once, before anything is decided, kept beside the database, copied with it in a backup, and never
replaced: whoever signed with another one would be believed by nobody.
"""

import sqlite3
from pathlib import Path
from typing import Final

from store.database.connection import Database
from store.ledger.signing import SEED_BYTES, public_key
from sync.server.kept_file import write_private
from sync.server.listening import CannotServe
from sync.server.secrets import Entropy

FILE: Final = "ledger.key"


def kept_seed(folder: Path, entropy: Entropy) -> bytes:
    """Give the secret of a folder; make it the first time.

    Raises:
        CannotServe: the file can't be read or written, or holds something else.
    """
    path = folder / FILE
    try:
        if not path.exists():
            write_private(path, f"{entropy(SEED_BYTES).hex()}\n".encode())
        seed = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as failure:  # not text is a ValueError too
        raise _unusable(path) from failure
    if len(seed) != SEED_BYTES:
        raise _unusable(path)
    return seed


def check_key(db: Database, seed: bytes) -> None:
    """Check that the spaces here were decided about with this secret.

    Raises:
        CannotServe: with another one; this one was made anew, or belongs to another server.
    """
    with db.read() as conn:
        if _keys(conn) - {public_key(seed)}:
            path = db.path.parent / FILE
            raise CannotServe(
                "ledger-key",
                "The ledger's key is another one",
                f"{path} is not the key that this server's supplies and money were signed with; "
                "put it back from a backup of this folder.",
            )


def _keys(conn: sqlite3.Connection) -> set[bytes]:
    return {bytes(key) for (key,) in conn.execute("SELECT DISTINCT key FROM ledger")}


def _unusable(path: Path) -> CannotServe:
    return CannotServe(
        "ledger-key",
        "The ledger's key can't be used",
        f"{path} is no usable key; put it back from a backup of this folder.",
    )
