"""What a person's home has written last, and what of it is set aside, and why."""

from store.domain.ids import DocId
from tests.sync.client.world import Person


def last_change(person: Person, doc: DocId) -> bytes:
    return person.log(doc)[-1].hash


def reasons(person: Person) -> dict[bytes, str]:
    with person.replica.db.read() as conn:
        return dict(conn.execute("SELECT hash, reason FROM parked").fetchall())
