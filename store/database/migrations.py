"""Every table, as named steps for sqlite-utils; each is recorded in the transaction that made it.

log       space, log, doc, waiting, quarantine, meta      on both sides
items     item, text + text_fts, item_tag, conflict       a device: rows derived from documents
device    peer, parked, act, draft, snapshot              a device: what it alone knows
imports   imported                                        a device: which file made which item
members   token, invite, known_log                        both: a device serves as a peer
invites   token.invite, invite.uses_left                  both
measures  measure                                         a device: samples, summed by time
links     link, link_name                                 a device: rows derived from documents
commit_times  commit_time                                 both: to measure replication lag
ledger    ledger, account, transfer, stock, reservation,  on both sides: what an authority has
          lease, saga, notice, apology                    decided, folded
drafts    draft.held                                      a device: texts that were taken back
receipts  receipt, milestone                              a device: what the others have
stated    receipt                                         a server: what devices say they have
outbox    outbox, contact, noted                          a device: what it asks authorities for
authority  decision, job_lease, act_offered               a server: what it has answered, who does
                                                          the jobs, what came back to it
roster    member_root, member, token.key                  both: the signed list of members
pairing   pairing, peer.key, peer.name                    a device that others join through
counted   indexes of saga and reservation                 a server: to count them at a scrape
lease_holder  an index of lease                           a server: to find a device's quotas
listed    indexes of item                                 a device: to list and count its tasks
offered_again  offered_again                              a device: refused, tried again, not sent
links_anew  rows of link                                  a device: links to folders and pages
footprints  footprint                                     a device: to open long texts
made_good_uncounted  an index of reservation less         a server: nothing counts these any more

A released step is never edited: add a module to `tables`, name it here and in `roles`, and write
the `fresh_*.sql` anew with `python -m store.database.migrations` (a test says when).
"""

import sqlite3
from collections.abc import Callable
from typing import Final

from sqlite_utils import Database as Tables
from sqlite_utils.migrations import Migrations

from store.database.roles import CLIENT, SERVER, Role
from store.database.tables import (
    authority,
    commit_times,
    counted,
    device,
    footprints,
    held_drafts,
    imports,
    invites,
    items,
    lease_holder,
    ledger,
    links,
    listed,
    log,
    measures,
    members,
    offered_again,
    outbox,
    pairing,
    receipts,
    roster,
)

Step = Callable[[Tables], None]

_STEPS: Final[dict[str, Step]] = {
    "log": log.make,
    "items": items.make,
    "device": device.make,
    "imports": imports.make,
    "members": members.make,
    "invites": invites.make,
    "measures": measures.make,
    "links": links.make,
    "links_anew": links.make_anew,
    "commit_times": commit_times.make,
    "ledger": ledger.make,
    "drafts": held_drafts.make,
    "receipts": receipts.make,
    "stated": receipts.make_stated,
    "outbox": outbox.make,
    "authority": authority.make,
    "roster": roster.make,
    "pairing": pairing.make,
    "counted": counted.make,
    "made_good_uncounted": counted.drop_made_good,
    "lease_holder": lease_holder.make,
    "listed": listed.make,
    "offered_again": offered_again.make,
    "footprints": footprints.make,
}


def apply(connection: sqlite3.Connection, role: Role) -> None:
    """Run the steps that the file lacks; the caller holds a transaction, each step a savepoint."""
    migrations = Migrations(role.name)
    for name in role.steps:
        migrations(name=name)(_STEPS[name])
    migrations.apply(Tables(connection, recursive_triggers=False, execute_plugins=False))


def dump(role: Role) -> str:
    """Write what the steps of a role make, as SQL in the order in which it can be run."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        apply(connection, role)
        made = connection.execute(
            # A virtual table makes its own shadow tables, and a key its own index (no SQL).
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"
            " AND name NOT LIKE 'text\\_fts\\__%' ESCAPE '\\' ORDER BY rowid"
        ).fetchall()
    finally:
        connection.close()
    return "".join(f"{sql.strip()};\n" for (sql,) in made)


def main() -> None:
    """Write the `fresh_*.sql` anew."""
    for role in (CLIENT, SERVER):
        role.fresh_sql.write_text(dump(role), encoding="utf-8")


if __name__ == "__main__":
    main()
