"""Homes whose database file SQLite doesn't take any more: what can be read of them is saved."""

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from store import doctor
from store.commands.patches import NewTask, Patch
from store.errors import HomeCorrupt
from tests.store.damage import (
    PAGE,
    behind,
    blank,
    database,
    furnished,
    items,
    logged,
    opened,
    overwrite,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of several pages, with long texts, a draft and a server."""
    return furnished(tmp_path / "home")


# -- nothing of it is lost -------------------------------------------------------------------------

HEALED: dict[str, Callable[[Path], object]] = {
    "the first bytes": lambda home: overwrite(database(home), 0, b"\xff" * 16),
    "the whole header": lambda home: overwrite(database(home), 0, b"\x00" * 100),
    "the first page": lambda home: overwrite(database(home), 0, b"\xee" * PAGE),
    "the top of the log": lambda home: blank(home, "log"),
    "the top of an index": lambda home: blank(home, "log_hash"),
    "the top of the items": lambda home: blank(home, "item"),
    "the list of documents": lambda home: blank(home, "doc"),
    "what comes after the end": lambda home: overwrite(
        database(home), database(home).stat().st_size, b"\xaa" * 9999
    ),
}


@pytest.mark.parametrize("what", HEALED)
def test_where_the_changes_can_still_be_found_everything_is_as_it_was(
    what: str, home: Path
) -> None:
    before, changes = items(home), logged(home)
    HEALED[what](home)

    doctor.repair_home(home)

    assert logged(home) == changes
    assert items(home) == before
    with opened(home) as replica:
        found = doctor.repair(replica)
        assert found.ok, found
        assert replica.identity.person == "Ada"
        assert replica.status().peers[0].url == "http://hut"
        (draft,) = replica.flush_drafts()
        body = replica.note(draft).body
        assert body is not None
        assert body.endswith("And east.\n")


def test_the_damaged_file_is_kept_byte_for_byte_and_named(home: Path) -> None:
    overwrite(database(home), 0, b"\xee" * PAGE)
    damaged = database(home).read_bytes()

    (check,) = doctor.repair_home(home)

    assert (home / "cairn.damaged-1.db").read_bytes() == damaged
    assert "cairn.damaged-1.db" in check.detail
    assert {path.name for path in home.iterdir()} == {
        "cairn.damaged-1.db",
        "cairn.db",
        "cairn.db.turn",
    }


def test_a_second_damage_does_not_overwrite_what_was_kept_of_the_first(home: Path) -> None:
    for _ in range(2):
        overwrite(database(home), 0, b"\xee" * PAGE)
        doctor.repair_home(home)

    assert {path.name for path in home.glob("*damaged*")} == {
        "cairn.damaged-1.db",
        "cairn.damaged-2.db",
    }


# -- some of it is lost ----------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.9, 0.6, 0.3])
def test_of_a_truncated_file_every_change_that_is_whole_is_saved_and_counted(
    share: float, home: Path
) -> None:
    with behind(home) as conn:
        changes = dict(conn.execute("SELECT bytes, hash FROM log WHERE length(bytes) < 800"))
        texts = [
            row[0]
            for row in conn.execute("SELECT body FROM text WHERE length(body) BETWEEN 8 AND 800")
        ]
    content = database(home).read_bytes()
    content = content[: int(len(content) * share)]
    database(home).write_bytes(content)
    with pytest.raises(HomeCorrupt, match="cairn doctor --repair"):
        opened(home)

    (check,) = doctor.repair_home(home)

    with behind(home) as conn:
        saved = {
            row[0] for row in conn.execute("SELECT hash FROM log UNION SELECT hash FROM waiting")
        }
        shown = {row[0].strip() for row in conn.execute("SELECT body FROM text")}
    assert saved >= {change for raw, change in changes.items() if raw in content}
    for text in texts:
        assert text.encode() not in content or any(text.strip() in body for body in shown)
    assert check.detail.startswith(f"The database was damaged: {len(saved)} of ")
    with opened(home) as replica:
        assert doctor.examine(replica).ok


def test_whatever_is_damaged_a_home_that_was_saved_is_sound(home: Path) -> None:
    rng = random.Random(7)
    whole, changes = database(home).read_bytes(), logged(home)
    saved = 0
    for round_ in range(12):
        content = bytearray(whole)
        for _ in range(rng.randint(1, 6)):
            at, size = rng.randrange(len(content) - 6000), rng.randint(1, 6000)
            content[at : at + size] = rng.randbytes(size)
        database(home).write_bytes(content)

        try:
            doctor.repair_home(home)
        except doctor.NothingToSave:
            assert database(home).read_bytes() == content
            continue
        with opened(home) as replica:
            found = doctor.repair(replica)
        assert found.ok, (round_, found)
        assert logged(home) & changes
        saved += 1
        database(home).unlink()
    assert saved > 6


def test_a_home_that_a_repair_left_behind_can_be_worked_with(home: Path) -> None:
    content = database(home).read_bytes()
    database(home).write_bytes(content[: len(content) // 2])
    doctor.repair_home(home)

    with opened(home) as replica:
        doc = replica.add_task(NewTask("After the flood"))
        replica.edit(doc, Patch(fields={"priority": "high"}))
        replica.undo()
        assert doctor.examine(replica).ok


# -- from the command line -------------------------------------------------------------------------


def test_the_command_that_a_person_is_told_to_run_saves_a_damaged_home(home: Path) -> None:
    before = items(home)
    overwrite(database(home), 0, b"\xff" * 100)
    command = [sys.executable, "-m", "app", "--home", str(home)]
    told = subprocess.run([*command, "tasks"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (1, "", 1)
    assert "cairn doctor --repair" in told.stderr

    repaired = subprocess.run(
        [*command, "doctor", "--repair"], capture_output=True, text=True, check=False
    )

    assert repaired.returncode == 0, repaired.stderr
    assert "changes saved" in repaired.stdout
    assert items(home) == before
