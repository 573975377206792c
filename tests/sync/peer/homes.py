"""Homes of people who serve for real, whom they ask, and a pin that none of them has."""

from pathlib import Path

from store import peers
from store.replica import Replica

PIN = "cd" * 32


def person(folder: Path, name: str) -> Replica:
    """Somebody with a home and a device of their own."""
    replica = Replica.open(folder / name)
    replica.set_identity(name.capitalize(), f"{name}s laptop")
    return replica


def peers_of(replica: Replica) -> list[peers.Peer]:
    """Whom a home asks."""
    with replica.db.read() as conn:
        return peers.peers(conn)
