"""A server as the authority of ledgers: what was answered, who does the jobs, what came back."""

from sqlite_utils import Database as Tables

from store.database.tables.making import make_table


def make(db: Tables) -> None:
    """Make `decision`, `job_lease` and `act_offered`, and an index by which leases fall due."""
    decision = make_table(
        db,
        "decision",
        {"space": str, "key": str, "fingerprint": bytes, "reply": bytes, "at_ms": int},
        pk=("space", "key"),
        not_null={"fingerprint", "reply", "at_ms"},
    )
    decision.create_index(["at_ms"], "decision_at")
    make_table(
        db,
        "job_lease",
        {"name": str, "holder": str, "until_ms": int},
        pk="name",
        not_null={"holder", "until_ms"},
    )
    make_table(
        db,
        "act_offered",
        {"space": str, "hash": bytes, "generation": bytes},
        pk=("space", "hash"),
        not_null={"generation"},
    ).create_index(["space", "generation"], "act_offered_generation")
    db["lease"].create_index(["expires_at_ms"], "lease_expires")  # type: ignore[union-attr]
