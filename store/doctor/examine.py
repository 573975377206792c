"""Looks at everything in a home and says what it found; changes nothing."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from store.database.connection import Database
from store.doctor.documents_check import DocumentFindings, check_documents, search_index_matches
from store.doctor.examination import Check, Examination, counted, outcome
from store.doctor.ledger_check import acts_in, ledger_problems
from store.doctor.log_check import heads_problems, log_problems, rows_in, space_ids
from store.domain.ids import SpaceId
from store.errors import HomeCorrupt

if TYPE_CHECKING:
    from store.replica import Replica

_CURE: Final = "Close every Cairn that uses this home, then run `cairn doctor --repair`"
# What is kept beside the log: each with the words for it.
_KEPT: Final = (
    ("waiting", "change that waits for others", "changes that wait for others"),
    ("parked", "change that a server refused", "changes that a server refused"),
    ("quarantine", "change in quarantine", "changes in quarantine"),
    ("draft", "saved text, not a change yet", "saved texts, not changes yet"),
)

Step = tuple[str, Callable[[], Iterable[Check]]]


def examine(replica: "Replica") -> Examination:
    """Check a home: database, log, documents, and the rows that show them."""
    return look_at(replica.db, DocumentFindings())


def look_at(db: Database, documents: DocumentFindings) -> Examination:
    """Check a home, and note what is wrong with which documents."""
    return _run(
        db,
        *_log_steps(db),
        ("documents", partial(_documents, db, documents)),
        ("search", partial(_search, db)),
        ("kept", partial(_kept, db)),
    )


def look_at_logs(db: Database) -> Examination:
    """Check what a server has too: pages, logs and heads."""
    return _run(db, *_log_steps(db))


def _log_steps(db: Database) -> tuple[Step, ...]:
    return (
        ("integrity", partial(_integrity, db)),
        ("log", partial(_logs, db)),
        ("heads", partial(_heads, db)),
        ("ledger", partial(_ledgers, db)),
    )


def _run(db: Database, *steps: Step) -> Examination:
    journal = db.journal()
    checks = [Check("sqlite", journal.is_safe, journal.detail)]
    for name, step in steps:
        try:
            checks += step()
        except HomeCorrupt:
            checks.append(outcome(name, ["the database can't be read"], "", cure=_CURE))
    return Examination(tuple(checks))


def _integrity(db: Database) -> Iterator[Check]:
    problems = [" ".join(problem.split()) for problem in db.integrity_problems()]
    yield outcome("integrity", problems, "Every page and index is sound.", cure=_CURE)


def _logs(db: Database) -> Iterator[Check]:
    problems = list(_of_all(db, log_problems))
    changes = counted(rows_in(db), "change")
    yield outcome("log", problems, f"{changes}, each with the bytes of its hash, in one chain.")


def _heads(db: Database) -> Iterator[Check]:
    yield outcome("heads", _of_all(db, heads_problems), "All heads are those of the log.")


def _ledgers(db: Database) -> Iterator[Check]:
    acts = counted(acts_in(db), "act")
    said = f"{acts}, and supplies and money are what they say." if acts_in(db) else "None."
    yield outcome("ledger", _of_all(db, ledger_problems), said)


def _of_all(db: Database, problems: Callable[[Database, SpaceId], Iterator[str]]) -> Iterator[str]:
    for space in space_ids(db):
        yield from problems(db, space)


def _documents(db: Database, found: DocumentFindings) -> Iterator[Check]:
    check_documents(db, found)
    docs = counted(found.docs, "item")
    yield outcome(
        "documents", found.unsound.values(), f"{docs}, each opens with the heads of its changes."
    )
    yield outcome("rows", found.unlike.values(), "Lists and conflicts say what the items say.")


def _search(db: Database) -> Iterator[Check]:
    problems = [] if search_index_matches(db) else ["search does not find what the items say"]
    yield outcome("search", problems, "The index of words holds what the items say.")


def _kept(db: Database) -> Iterator[Check]:
    for table, one, many in _KEPT:
        with db.read() as conn:
            (count,) = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
        yield Check(table, True, f"{counted(count, one, many)}." if count else "None.")
