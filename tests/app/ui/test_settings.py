"""Settings: names, looks, spaces with their devices and invites, storage, import, about."""

import json
from pathlib import Path

import flet as ft
import pytest

from app.ui.appearance import Appearance, read_appearance
from app.ui.settings.about import libraries
from app.ui.settings.inviting import qr_png
from app.ui.settings.paths import path_typed
from app.ui.settings.storage import home_bytes
from store.commands.patches import NewTask
from store.domain.ids import SpaceId
from store.replica import Replica
from tests.support.flet_harness import Tab
from tests.support.spaces import share_space


@pytest.fixture
async def settings(tab: Tab) -> Tab:
    await tab.go("Settings")
    await tab.text("Appearance")
    return tab


async def test_names_are_saved_for_what_is_written_next(settings: Tab, replica: Replica) -> None:
    await settings.enter("Your name", "Ana Lima")

    await settings.until(lambda: replica.identity.person == "Ana Lima")


async def test_looks_are_chosen_and_kept(settings: Tab, replica: Replica) -> None:
    await settings.press("Dark")
    await settings.press("Colour: Heather")
    await settings.press("150 %")

    await settings.until(lambda: read_appearance(replica) == Appearance("dark", "Heather", 150))
    await settings.until(lambda: settings.page.theme_mode == ft.ThemeMode.DARK)


async def test_another_space_is_made_the_one_for_new_items(tab: Tab, replica: Replica) -> None:
    share_space(replica, SpaceId(replica.space().id), "Personal")
    await tab.go("Settings")

    await tab.text("new items go here")


@pytest.mark.parametrize(
    ("label", "button"),
    [("Invite link or code", "Join"), ("Server address", "Publish Personal instead")],
)
async def test_what_is_no_link_or_address_is_said_and_changes_nothing(
    settings: Tab, replica: Replica, label: str, button: str
) -> None:
    before = replica.spaces()
    await settings.type(label, "what is this")

    await settings.press(button)

    await settings.until(lambda: settings.find_all(ft.SnackBar))
    assert replica.spaces() == before


async def test_a_backup_is_made_and_an_occupied_folder_is_refused(
    settings: Tab, replica: Replica, tmp_path: Path
) -> None:
    replica.add_task(NewTask("Buy rope"))
    await settings.type("Folder for a backup", f"{tmp_path}/copy")
    await settings.press("Back up")
    await settings.text("Backed up and checked: 1 file")

    with Replica.open(tmp_path / "copy") as copy:
        assert [row.title for row in copy.tasks()] == ["Buy rope"]
    await settings.press("Back up")
    await settings.text("has something in it")


async def test_everything_is_exported(settings: Tab, replica: Replica, tmp_path: Path) -> None:
    replica.add_task(NewTask("Buy rope"))
    await settings.type("Folder for an export", f"{tmp_path}/out")
    await settings.press("JSON")

    await settings.press("Export")

    await settings.text("Wrote 1 item")
    (written,) = (tmp_path / "out").glob("*.json")
    assert "Buy rope" in json.dumps(json.loads(written.read_text()))


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    folder.mkdir()
    (folder / "plan.md").write_text("# Plan\n\nWe leave at six.\n")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


async def test_an_import_is_seen_before_it_happens_and_can_be_undone(
    settings: Tab, replica: Replica, vault: Path
) -> None:
    await settings.type("File or folder on this computer", str(vault))
    await settings.press("Preview")
    await settings.text("Would import from vault: 1 new")
    await settings.text("1 thing can't be kept:")
    assert replica.notes() == [], "a preview changes nothing"

    await settings.press("Import")
    await settings.text("Imported: 1 new")
    assert [row.title for row in replica.notes()] == ["Plan"]
    await settings.until(lambda: not settings.find_all(ft.FilledButton, content="Import"))

    await settings.press_action("Undo")
    await settings.until(lambda: replica.notes() == [])


async def test_what_cannot_be_imported_is_said(settings: Tab, tmp_path: Path) -> None:
    await settings.type("File or folder on this computer", str(tmp_path / "not there.md"))

    await settings.press("Preview")

    await settings.until(lambda: settings.find_all(ft.SnackBar))
    assert not settings.find_all(ft.FilledButton, content="Import")


async def test_in_a_window_a_folder_is_chosen_and_in_a_browser_typed(
    settings: Tab, tmp_path: Path
) -> None:
    settings.answers["get_directory_path"] = str(tmp_path / "chosen")

    await settings.press("Folder for a backup: choose a folder")

    await settings.until(
        lambda: settings.find(
            ft.TextField, label="Folder for a backup", value=str(tmp_path / "chosen")
        )
    )


@pytest.mark.parametrize("typed", ["{}/a b", " {}/a b ", "'{}/a b'", '"{}/a b"'])
def test_a_path_may_come_with_quotes(tmp_path: Path, typed: str) -> None:
    assert path_typed(typed.format(tmp_path)) == tmp_path / "a b"


def test_the_home_is_a_tilde() -> None:
    assert path_typed("~/x") == Path.home() / "x"


def test_every_library_is_named_with_its_licence() -> None:
    told = {name.lower(): licence for name, _, licence in libraries()}

    assert told["flet"] == "Apache-2.0"
    assert {"automerge", "httpx", "segno", "anyio"} <= set(told), "those of libraries too"
    assert not {"pytest", "mypy"} & set(told), "the program's, not its makers'"


def test_a_link_is_a_picture_of_which_each_part_is_dark_or_white() -> None:
    drawn = qr_png("cairn://join?server=https%3A%2F%2Fhut.example&space=s&secret=x")

    assert drawn.startswith(b"\x89PNG")
    assert qr_png("a") != drawn


async def test_the_licences_are_shown_when_somebody_asks(settings: Tab) -> None:
    await settings.press("Licences of its parts")
    await settings.text("httpx")
    await settings.press("Hide the licences")
    await settings.gone("httpx")


def test_a_file_that_goes_while_it_is_counted_counts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's own files come and go, and the size is asked for after every change."""
    (tmp_path / "cairn.db").write_bytes(b"x" * 7)
    (tmp_path / "cairn.db-wal").write_bytes(b"y" * 5)
    there = Path.is_file

    def and_goes(path: Path) -> bool:
        was_there = there(path)
        if path.name.endswith("-wal"):
            path.unlink()
        return was_there

    monkeypatch.setattr(Path, "is_file", and_goes)

    assert home_bytes(tmp_path) == 7
