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


def kept_seed(db: Database, entropy: Entropy) -> bytes:
    """Give the secret beside a server's database; make it where nothing was ever signed.

    Raises:
        CannotServe: the file is gone or another one though something was signed, holds something
            else, or can't be read or written. Nothing is written over it.
    """
    path = db.path.with_name(FILE)
    with db.read() as conn:
        signed_by = _keys(conn)
    if signed_by and not path.exists():
        raise _unusable(path, "is gone")
    try:
        if not path.exists():
            write_private(path, f"{entropy(SEED_BYTES).hex()}\n".encode())
        seed = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as failure:  # not text is a ValueError too
        raise _unusable(path, "is no usable key") from failure
    if len(seed) != SEED_BYTES:
        raise _unusable(path, "is no usable key")
    if signed_by - {public_key(seed)}:
        raise _unusable(path, "is not the key that supplies and money here were signed with")
    return seed


def _keys(conn: sqlite3.Connection) -> set[bytes]:
    return {bytes(key) for (key,) in conn.execute("SELECT DISTINCT key FROM ledger")}


def _unusable(path: Path, why: str) -> CannotServe:
    return CannotServe(
        "ledger-key",
        "The ledger's key can't be used",
        f"{path} {why}; put it back from a backup of this folder.",
    )
