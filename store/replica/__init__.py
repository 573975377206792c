"""The front door of the store: nothing above it knows what is behind."""

from store.replica.core import Identity
from store.replica.replica import Replica

__all__ = ["Identity", "Replica"]
