"""A home and an authority across a counter: what the engine does, without a network in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from store import peers
from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.caller import Caller
from store.domain.ledger.ids import new_ledger_id
from store.domain.ledger.on_device import Contact, Reading
from store.domain.ledger.policies import Policy, PolicyName
from store.ledger.books import SqlBooks
from store.ledger.contact import keep_contact
from store.ledger.outbox import Intent, intents
from store.replica import Replica
from tests.support.authority import Authority
from tests.support.desk import ANN, START_MS
from tests.support.people import entropy_of
from tests.support.spaces import share_space

SERVER = "pserver"


class Counter:
    """Ann's home, and the authority of its space.

    Attributes:
        replica: the home.
        authority: decides.
        reading: what the machine's clocks say; set it to let time pass or boot anew.
    """

    def __init__(
        self,
        folder: Path,
        seed: int = 1,
        *,
        person: str = "Ann",
        authority: Authority | None = None,
    ) -> None:
        self.reading = Reading("boot", 1_000_000, START_MS)
        self.folder = folder
        self.entropy = entropy_of(seed)
        self.role = "owner" if authority is None else "editor"
        self._name = person
        self._open()
        self.replica.set_identity(person, f"{person}s laptop")
        if authority is not None:
            share_space(self.replica, authority.space, "Hut")
        space = SpaceId(self.replica.space().id)
        with self.replica.db.write() as conn:
            peers.attach_peer(conn, SERVER, space, url="http://hut", token="t", role=self.role)
        self.authority = authority or Authority(folder / "authority.db", space)
        self.replica.believe_authority(space, self.authority.key)

    def _open(self) -> None:
        self.replica = Replica.open(
            self.folder / self._name, clock_ms=lambda: self.reading.wall_ms, entropy=self.entropy
        )
        self.replica.clocks = lambda: self.reading

    def restart(self) -> None:
        """End the program and start it again."""
        self.replica.close()
        self._open()

    def close(self) -> None:
        self.replica.close()
        self.authority.db.close()

    @property
    def space(self) -> SpaceId:
        return self.authority.space

    @property
    def me(self) -> Caller:
        identity = self.replica.identity
        return replace(ANN, replica=identity.replica_id, person=identity.person, role=self.role)

    def send(self, *, hear: bool = True) -> list[Intent]:
        """Send what waits; gives it. `hear`: whether the answer comes through."""
        batch = self.replica.next_commands(self.space, 50)
        answers = [self.authority.answer(one, self.me) for one in batch]
        if hear and batch:
            self.replica.learn(self.space, batch, answers)
        return batch

    def pull(self) -> None:
        """Take in all that was decided, and note when."""
        contact = Contact(self.authority.now_ms, self.reading)
        acts = self.authority.acts()
        self.replica.apply_remote(self.space, [], origin=SERVER, acts=acts)
        with self.replica.db.write() as conn:
            keep_contact(conn, self.space, contact)

    def sync(self) -> None:
        """Send and pull until nothing waits."""
        for _ in range(10):
            if not self.send():
                break
        self.pull()

    def passes(self, ms: int) -> None:
        """Let time pass everywhere."""
        self.authority.now_ms += ms
        now = self.reading
        self.reading = Reading(now.boot, now.elapsed_ms + ms, now.wall_ms + ms)

    def item(self, policy: PolicyName, count: int = 5, name: str = "Tent", **numbers: int) -> str:
        """Put an item in stock, and hear that it is there."""
        item = self.replica.add_item(name, count, Policy(policy, **numbers))
        self.sync()
        return item

    def stock_up(self) -> None:
        """Put tents and a stove in stock, some of them taken, and money in one of two budgets."""
        self.item("escrow")
        self.item("reservation", name="Stove")
        for name in ("Food", "Hut"):
            self.replica.add_budget(name, "EUR")
        self.replica.deposit("Food", "50")
        self.replica.take_quota("Tent", 2)
        self.replica.reserve("Stove", 1)
        self.sync()

    def taken_by_bea(self, item: str, count: int) -> None:
        """Somebody else takes pieces."""
        with self.authority.db.read() as conn:
            found = SqlBooks(conn, self.space).item(item)
        assert found is not None
        asked = c.Reserve(new_ledger_id("v", self.entropy(16)), item, count, version=found.version)
        bea = replace(ANN, replica="rbea", person="Bea", role="editor")
        self.authority.ask(asked, bea)

    def state(self, reservation: str) -> str:
        """How a reservation stands."""
        return self.replica.reservation(reservation).state

    def waiting(self) -> list[Intent]:
        """All that stands in the outbox."""
        with self.replica.db.read() as conn:
            return intents(conn)


@contextmanager
def counter(folder: Path, seed: int = 1) -> Iterator[Counter]:
    """A home and its authority while the block lasts."""
    made = Counter(folder, seed)
    try:
        yield made
    finally:
        made.close()
