"""A disk that is full: what was asked is refused whole, and nothing that was there is lost."""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.ids import DocId
from store.errors import StorageFull
from store.replica import Replica
from tests.store.damage import furnish, items, opened


def made(folder: Path) -> Path:
    with opened(folder / "home") as replica:
        furnish(replica)
    return folder / "home"


# A file that may not grow stands for a disk that is full.
LIMITED = """
import resource, sys
from app.cli.main import run
size = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
sys.exit(run(sys.argv[2:]))
"""


def cairn(
    home: Path, *words: str, bytes_max: int = resource.RLIM_INFINITY
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(bytes_max), "--home", str(home), *words],
        capture_output=True,
        text=True,
        check=False,
    )


def fill(replica: Replica) -> None:
    """Let the database grow by no page more."""
    with replica.db.write() as conn:
        (pages,) = conn.execute("PRAGMA page_count").fetchone()
        conn.execute(f"PRAGMA max_page_count={pages}")


ACTS: dict[str, Callable[[Replica, DocId], object]] = {
    "a new task": lambda replica, _: replica.add_task(NewTask("New", body="x" * 50_000)),
    "an edit": lambda replica, doc: replica.edit(doc, Patch(body="x" * 50_000)),
    "a draft": lambda replica, doc: replica.save_draft(doc, "x" * 50_000, ()),
    "a series of tags": lambda replica, doc: replica.edit(
        doc, Patch(add_tags=tuple(f"tag {number:0>90}" for number in range(90)))
    ),
}


@pytest.mark.parametrize("what", ACTS)
def test_on_a_full_disk_an_act_is_refused_whole_and_works_once_there_is_space(
    what: str, tmp_path: Path
) -> None:
    home = made(tmp_path)
    with opened(home) as replica:
        doc = replica.find(replica.tasks()[0].id)
        before, digest = replica.item(doc), replica.digest()
        fill(replica)

        with pytest.raises(StorageFull, match="nothing was changed, so free some space"):
            ACTS[what](replica, doc)

        assert (replica.item(doc), replica.digest()) == (before, digest)
        assert replica.flush_drafts() == []
        ACTS[what](replica, doc)  # the next connection has no such limit
        assert replica.db.integrity_problems() == []


def test_a_disk_that_is_full_while_a_command_runs_costs_nothing_that_was_there(
    tmp_path: Path,
) -> None:
    home = made(tmp_path)
    before, size = items(home), (home / "cairn.db").stat().st_size

    answer = cairn(home, "note", "A long one", "--body", long_text(tmp_path), bytes_max=size)

    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.count("\n") == 1
    assert "nothing was changed" in answer.stderr
    assert items(home) == before
    assert cairn(home, "note", "A long one", "--body", long_text(tmp_path)).returncode == 0


def test_a_home_is_not_begun_on_a_full_disk(tmp_path: Path) -> None:
    answer = cairn(tmp_path / "home", "add", "Buy rope", bytes_max=8192)

    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.count("\n") == 1
    with opened(tmp_path / "home") as replica:
        assert replica.tasks() == []


def long_text(folder: Path) -> str:
    path = folder / "long.txt"
    path.write_text("Line upon line.\n" * 20_000)
    return str(path)
