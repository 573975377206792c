"""What a person's home knows of supplies and money, and rounds of everybody with the server."""

from store.ledger import outbox
from store.ledger.books import snapshot
from tests.sync.client.world import Person, World


def books(person: Person) -> list[object]:
    with person.replica.db.read() as conn:
        return list(snapshot(conn, person.space))


def states(person: Person) -> dict[str, str]:
    return {row.id: row.state for row in person.replica.reservations()}


def waiting(person: Person) -> int:
    with person.replica.db.read() as conn:
        return outbox.waiting(conn, person.space)


async def everybody(here: World) -> None:
    """Everybody syncs until nobody has news, and the server does what is due in between."""
    for _ in range(3):
        for person in here.people.values():
            await person.sync()
        here.server.run_jobs()
