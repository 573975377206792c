"""The homes that the killed runs begin on: made once, copied for every run."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from store.commands.patches import Patch
from tests.crash.client_workload import REMOTE
from tests.store.damage import furnish
from tests.support.people import Camp


@dataclass(frozen=True)
class Start:
    """Where a run begins: a folder with a home, and what Bob sends; without a home it is new."""

    folder: Path

    @property
    def has_home(self) -> bool:
        """Whether there is one already."""
        return self.folder.exists()

    def copy_to(self, folder: Path) -> Path:
        """Begin anew; gives the home."""
        if self.has_home:
            shutil.copytree(self.folder, folder)
        else:
            folder.mkdir()
        return folder / "home"


def prepared(folder: Path) -> Start:
    """Make Alice's home: with items, open conflicts with Bob, and what he has yet to send."""
    with_bob = folder / "camp"
    camp = Camp(with_bob, "alice", "bob")
    alice, bob = camp["alice"], camp["bob"]
    with alice.db.write() as conn:
        conn.execute("UPDATE space SET name = 'Trip' WHERE id = ?", (camp.space,))
    rope, stove, map_ = furnish(alice)
    camp.meet()
    for replica, title, state in ((alice, "Buy a rope", "start"), (bob, "Buy ropes", "cancel")):
        replica.edit(rope, Patch(fields={"title": title}))
        replica.transition(rope, state)
    camp.meet()
    known = {change.hash for _, change in camp.rows("alice")}
    bob.edit(map_, Patch(body="South is up.\n" * 30))
    bob.transition(stove, "reopen")
    bob.edit(bob.add_note("From Bob", space=camp.space), Patch(add_tags=("bob",)))
    sent = [(doc, c.raw.hex()) for doc, c in camp.rows("bob") if c.hash not in known]
    camp.close()
    start = folder / "start"
    shutil.copytree(with_bob / "alice", start / "home")
    (start / REMOTE).write_text(json.dumps(sent))
    return Start(start)
