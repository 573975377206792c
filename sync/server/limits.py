"""Bounds of the server itself; the protocol's are in `store.domain.limits` and with its messages.

Each says what it guards. None is reached by a client of ours in ordinary use.
"""

from typing import Final

# -- one request -----------------------------------------------------------------------------------
PATH_CHARS_MAX: Final = 200
QUERY_CHARS_MAX: Final = 2_000
HEADER_BYTES_MAX: Final = 16 << 10  # all headers of a request together
HANDSHAKE_S_MAX: Final = 10.0  # of TLS; a slow phone far away takes two
HANDSHAKES_MAX: Final = 256  # of TLS, under way at once; the next ones are hung up on
HANDSHAKES_PER_ADDRESS_MAX: Final = 64  # a whole office behind one address, reconnecting
HEAD_S_MAX: Final = 15.0  # until the headers are here; a connection that says nothing is closed
BODY_IDLE_S_MAX: Final = 20.0  # between two pieces of a body
BODY_S_MAX: Final = 600.0  # a full body at 8 KiB/s, the slowest link that still makes sense
ANSWER_IDLE_S_MAX: Final = 20.0  # an answer of which so long nothing was taken is given up
WORK_S_MAX: Final = (
    60.0  # then the asker hears `busy`; the work itself is bounded by its own limits
)
UNKNOWN_BODY_BYTES_MAX: Final = 16 << 10  # read from an asker before the token was looked up
DRAIN_BYTES_MAX: Final = 8 << 20  # of a refused body read and dropped, so that the answer arrives
DRAIN_S_MAX: Final = 5.0

# -- all requests together -------------------------------------------------------------------------
REQUESTS_WAITING_MAX: Final = 128  # in one lane; beyond that `busy` is the honest answer
BODY_BYTES_HELD_MAX: Final = 64 << 20  # of all bodies on their way in
READERS: Final = 4  # threads that read; more only wait for each other
CONNECTIONS_MAX: Final = 2_000  # open at once; the next ones are closed at once

HEALTH_GOOD_S: Final = 1.0  # for so long one good look at the disk answers all who ask

# -- long polls ------------------------------------------------------------------------------------
WAITS_MAX: Final = 1_000
WAITS_PER_REPLICA_MAX: Final = 4
RECEIPTS_PAUSE_S: Final = 0.5  # receipts alone wait so long for more of them

# -- one asker -------------------------------------------------------------------------------------
REQUESTS_PER_S: Final = 200.0  # per token, or per address where there is none
REQUESTS_BURST: Final = 2_000.0
WRONG_SECRETS_PER_S: Final = 5.0  # setup codes and invites; a setup code has 40 bits
WRONG_SECRETS_BURST: Final = 100.0
ASKERS_KEPT_MAX: Final = 10_000  # whose rates are kept; the longest silent are forgotten
STRIKE_WAIT_S: Final = 2.0  # after the first change that could not be examined; doubles
STRIKE_WAIT_S_MAX: Final = 300.0
OUTGROWN_KEPT_S: Final = 3_600.0  # what one sender adds to a document too large waits so long
OUTGROWN_KEPT_MAX: Final = 10_000  # senders and documents; those found first are forgotten

# -- answers ---------------------------------------------------------------------------------------
PULL_BYTES_MAX: Final = 4 << 20  # raw change bytes in one page; at least one row always fits
LIST_DOCS_MAX: Final = 64  # a range with so many documents or fewer is listed
SPLIT_RANGES: Final = 16  # a larger one is split into so many
LISTED_DOCS_MAX: Final = 2_048  # in one heads reply; the ranges beyond are answered unsplit
DEVICES_MAX: Final = 1_000  # members of one space, revoked ones counted
INVITES_OPEN_MAX: Final = 100  # unused and unexpired, of one space
SPACES_MAX: Final = 10_000

# -- ledgers ---------------------------------------------------------------------------------------
LEDGER_ITEMS_MAX: Final = 5_000  # in stock, of one space
LEDGER_BUDGETS_MAX: Final = 500  # of one space
SAGAS_UNDER_WAY_MAX: Final = 5_000  # bookings and transfers of one space that have not ended
JOB_BATCH_MAX: Final = 500  # things that fall due, done in one transaction
JOB_LEASE_S: Final = 30  # a server that was killed leaves its jobs to another one after that
JOB_ASIDE_S: Final = 60  # before what could not be done is tried again
JOBS_LOOK_S: Final = 60  # between two looks at what is due, where nothing wakes them

# -- quarantine ------------------------------------------------------------------------------------
QUARANTINE_ROWS_PER_SENDER_MAX: Final = 200  # the oldest make room
QUARANTINE_BYTES_MAX: Final = 64 << 10  # kept of each, enough to see what it was
