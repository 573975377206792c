"""Homes that `repair_home` leaves alone, and other processes that have one open meanwhile."""

from pathlib import Path

import pytest

from store import doctor
from store.commands.patches import NewTask
from store.doctor.home_file import MARK
from store.doctor.pages import MAGIC
from store.errors import HomeBusy, HomeCorrupt, SchemaTooNew
from tests.store.damage import PAGE, behind, blank, database, furnished, items, opened


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of several pages, with long texts, a draft and a server."""
    return furnished(tmp_path / "home")


# -- nothing can be saved, or nothing has to be ----------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"not a database " * 1000, bytes(50_000), MAGIC + b"\x01" * 9000, b"x"]
)
def test_a_file_of_which_nothing_can_be_read_is_left_alone_and_said_so(
    content: bytes, tmp_path: Path
) -> None:
    database(tmp_path).write_bytes(content)

    with pytest.raises(doctor.NothingToSave, match=r"cairn\.db .*restore a backup"):
        doctor.repair_home(tmp_path)

    assert database(tmp_path).read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["cairn.db"]


def test_a_database_of_another_program_is_not_made_a_home(tmp_path: Path) -> None:
    with behind(tmp_path) as conn:
        conn.execute("CREATE TABLE photos (id, title)")
        conn.execute("INSERT INTO photos VALUES (1, 'Summit')")
    before = database(tmp_path).read_bytes()

    with pytest.raises(doctor.NothingToSave):
        doctor.repair_home(tmp_path)

    assert database(tmp_path).read_bytes() == before


def test_a_sound_home_and_an_empty_folder_are_left_as_they_are(home: Path, tmp_path: Path) -> None:
    before = database(home).read_bytes()

    assert doctor.repair_home(home) == ()
    assert doctor.repair_home(tmp_path / "nowhere") == ()

    assert database(home).read_bytes() == before
    assert not (tmp_path / "nowhere").exists()


def test_a_home_of_a_newer_cairn_is_not_repaired(home: Path) -> None:
    with behind(home) as conn:
        conn.execute("PRAGMA user_version=99")

    with pytest.raises(SchemaTooNew):
        doctor.repair_home(home)


# -- others have it open ---------------------------------------------------------------------------


def test_a_process_that_has_the_damaged_file_open_is_told_and_writes_nowhere(home: Path) -> None:
    blank(home, "item_parent")  # an index that this process does not look at
    blank(home, "waiting_doc")
    with opened(home) as elsewhere:
        blank(home, "doc")  # more than indexes
        doctor.repair_home(home)

        with pytest.raises(HomeCorrupt, match="doctor --repair"):
            elsewhere.add_task(NewTask("Into the old file"))

    assert "Into the old file" not in {row.title for row in items(home).values()}


def test_a_file_in_which_somebody_writes_is_not_touched(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.doctor.home_file.BUSY_TIMEOUT_MS", 50)
    blank(home, "doc")
    before = database(home).read_bytes()
    with behind(home) as writer:
        writer.execute("BEGIN IMMEDIATE")

        with pytest.raises(HomeBusy):
            doctor.repair_home(home)

    assert database(home).read_bytes() == before


def test_a_repair_that_is_cut_off_in_its_last_step_is_finished_by_the_next(home: Path) -> None:
    before = items(home)
    blank(home, "doc")
    doctor.repair_home(home)
    (home / "repaired").mkdir()
    database(home).rename(home / "repaired" / "cairn.db")
    database(home).write_bytes(MARK + bytes(PAGE))
    with pytest.raises(HomeCorrupt):
        opened(home)

    (check,) = doctor.repair_home(home)

    assert "finished" in check.detail
    assert items(home) == before
