"""A support bundle: what somebody who helps needs to see of a home, and nothing of its contents.

It is one JSON file that a person can read before sending it. Names of people, devices, spaces and
lists, titles, texts, addresses, tokens and paths are not in it: it is built from numbers, words of
the program and ids, not by taking things out of something larger.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from app import health_shapes
from app.json_shapes import moment
from app.log_file import read_log
from store.database.roles import CLIENT
from store.domain.errors import InvalidValue
from store.peers import peers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from store.doctor import Check
    from store.peers import Peer
    from store.replica import Replica

FORMAT: Final = 1
LOG_LINES_MAX: Final = 500
_PACKAGES: Final = ("automerge", "flet", "httpx", "msgspec", "sqlite-utils", "uvicorn", "zstandard")
# Tables that are counted: how large a home is, not what is in it.
_COUNTED: Final = (
    "space",
    "peer",
    "doc",
    "log",
    "item",
    "conflict",
    "waiting",
    "parked",
    "quarantine",
    "draft",
    "outbox",
    "saga",
    "measure",
)


def gather(home: Path, checks: Sequence[Check], replica: Replica | None) -> dict[str, Any]:
    """Gather a bundle.

    Args:
        home: the replica's folder.
        checks: what the doctor found.
        replica: the home; None where it is so damaged that it can't be opened.
    """
    return {
        "format": FORMAT,
        "versions": versions(),
        "checks": [{"name": each.name, "ok": each.ok, "detail": each.detail} for each in checks],
        **({} if replica is None else _of_home(replica)),
        "log": read_log(home, LOG_LINES_MAX),
    }


def _of_home(replica: Replica) -> dict[str, Any]:
    health, thresholds = replica.health(), replica.thresholds()
    with replica.db.read() as conn:
        counted = {table: _rows(conn, table) for table in _COUNTED}
        known = [_peer(number, each) for number, each in enumerate(peers(conn), start=1)]
    status = replica.status()
    return {
        "at": moment(health.at_ms),
        "home": {
            "schema": CLIENT.schema,
            "journal": replica.db.journal().mode,
            "rows": counted,
        },
        "sync": {
            "state": status.state,
            "pending": status.pending,
            "parked": status.parked,
            "conflicts": status.conflicts,
            "peers": known,
        },
        "health": health_shapes.health(health, replica.alerts(health), thresholds),
    }


def write_bundle(path: Path, bundle: dict[str, Any]) -> None:
    """Write a bundle to a new file, for its owner alone; raises InvalidValue."""
    text = json.dumps(bundle, indent=1, ensure_ascii=False) + "\n"
    try:
        # 0o600: nothing in it is secret, but it is this person's to give away.
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        said = f"{path} is there already; choose another name."
        raise InvalidValue(said, field="bundle") from None
    except OSError as error:
        said = f"{path} can't be written ({error.strerror}); name a file in a folder of yours."
        raise InvalidValue(said, field="bundle") from error
    with os.fdopen(made, "w", encoding="utf-8") as file:
        file.write(text)


def versions() -> dict[str, str]:
    """Say what runs here."""
    return {
        "cairn": metadata.version("cairn"),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "is_packed": str(getattr(sys, "frozen", False)).lower(),
        **{name: metadata.version(name) for name in _PACKAGES},
    }


def _peer(number: int, peer: Peer) -> dict[str, Any]:
    """What is known of a peer, but for where it is and why it said no."""
    return {
        "peer": number,
        "kind": peer.kind,
        "role": peer.role,
        "is_encrypted": peer.url.startswith("https:"),
        "state": peer.state,
        "has_error": peer.error is not None,
        "push_seq": peer.push_seq,
        "verified_at": moment(peer.verified_at_ms),
        "last_seen_at": moment(peer.last_seen_at_ms),
        "last_synced_at": moment(peer.last_synced_at_ms),
        "retry_at": moment(peer.retry_at_ms),
    }


def _rows(conn: sqlite3.Connection, table: str) -> int:
    (number,) = conn.execute(f'SELECT count(*) FROM "{table}"').fetchone()
    return int(number)
