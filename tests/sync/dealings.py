"""Dealings of members with a server's ledger, and what its books and its log then say."""

from store.database.connection import Database
from store.domain.ledger import commands as c
from store.domain.ledger.facts import Noticed, Reservation
from store.domain.ledger.policies import Policy, PolicyName
from store.ledger.books import SqlBooks
from store.ledger.codec import decode_act, decode_row
from sync.server.jobs import Jobs
from tests.support.asking import Member
from tests.support.desk import check_books
from tests.support.ledger_ids import new
from tests.support.memory_server import MemoryServer


def jobs_of(server: MemoryServer) -> Jobs:
    """The jobs of a server, to be done when the test says so."""
    assert server.service.authority is not None
    return server.service.authority.jobs


async def item(who: Member, policy: PolicyName, count: int = 3, **numbers: int) -> str:
    """Put something in stock; gives its id."""
    made = new("i")
    await who.command(c.AddItem(made, f"Tent {made[-5:]}", count, Policy(policy, **numbers)))
    return made


async def reserve(who: Member, item: str, count: int = 1, **how: object) -> str:
    """Reserve some of it, which is granted; gives the reservation's id."""
    made = new("v")
    (decision,) = await who.command(c.Reserve(made, item, count, **how))  # type: ignore[arg-type]
    assert decision.ok, decision
    return made


async def budget(who: Member, amount: int = 0) -> str:
    """Open a budget with so much in it; gives its id."""
    made = new("b")
    await who.command(c.AddBudget(made, f"Food {made[-5:]}", "EUR"))
    if amount:
        await who.command(c.Deposit(new("x"), made, amount, "EUR"))
    return made


def available(db: Database, space: str, account: str) -> int:
    """What an account has left, in books whose rules hold."""
    with db.read() as conn:
        check_books(conn)
        found = SqlBooks(conn, space).account(account)
    assert found is not None
    return found.available


def reservation(db: Database, space: str, name: str) -> Reservation:
    """A reservation as it stands in the books."""
    with db.read() as conn:
        found = SqlBooks(conn, space).reservation(name)
    assert found is not None
    return found


def saga_state(db: Database, space: str, name: str) -> str:
    """How far a saga has come."""
    with db.read() as conn:
        found = SqlBooks(conn, space).saga(name)
    assert found is not None
    return found.state


def notices(db: Database) -> list[Noticed]:
    """What people were told, in the order of the log."""
    with db.read() as conn:
        rows = conn.execute("SELECT bytes FROM log WHERE type = 'notice' ORDER BY seq").fetchall()
    told = [fact for (raw,) in rows for fact in decode_act(decode_row(raw).body)[1]]
    return [fact for fact in told if isinstance(fact, Noticed)]
