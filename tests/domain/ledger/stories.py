"""Two stories of one ledger: a copy that goes on by itself, and lost acts that come back."""

from store.domain.ledger.facts import Fact
from store.domain.ledger.reentering import found_lacking, reentered
from store.domain.ledger.sagas import ATTEMPTS_MAX
from store.domain.ledger.taking_back import settled
from tests.support.desk import Desk, check_sums


class Story(Desk):
    """A desk that keeps its acts."""

    acts: list[list[Fact]]

    def fold(self, told: list[Fact]) -> list[Fact]:  # type: ignore[override]
        if told:
            self.acts.append(list(told))
        self.books.apply(told)
        return list(told)


def copy_of(story: Story, seed: int = 99) -> Story:
    """The same books, which go on by themselves from here."""
    import sqlite3

    conn = sqlite3.connect(":memory:", isolation_level=None)
    story.conn.backup(conn)
    other = Story(conn, seed)
    other.acts, other.now_ms = [], story.now_ms
    return other


def come_back(here: Story, lost: list[list[Fact]]) -> list[Fact]:
    """Enter lost acts again, one after the other."""
    entered: list[Fact] = []
    for act in lost:
        told = reentered(here.books, act, here.now_ms)
        here.books.apply(told)
        marked = found_lacking(here.books, told, here.now_ms)
        here.books.apply(marked)
        entered += [*told, *marked]
        check_sums(here.conn)
    return entered


def make_good(desk: Desk) -> None:
    """All time passes; what is lacking is cancelled."""
    for _ in range(2):
        for _ in range(ATTEMPTS_MAX + 2):
            desk.run_sagas()
            desk.now_ms += 400_000
        desk.expire()
        for (item,) in desk.conn.execute("SELECT id FROM stock").fetchall():
            desk.fold(settled(desk.books, desk.the_item(item), desk.now_ms))
