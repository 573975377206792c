"""A server: an index by which the quotas of a device are found."""

from sqlite_utils import Database as Tables


def make(db: Tables) -> None:
    """Make `lease_holder`."""
    db.table("lease").create_index(["space", "holder", "state"], "lease_holder")
