"""A space's ledger in SQLite: its books, its signed rows in the log; on the server and on devices.

Both sides fold the same facts into the same tables, so that what a device shows is what the
authority has. May import `store.domain`, `store.log` and `store.database`; never Automerge.
"""
