"""The bundle that `make bundle` makes: built here, and used as by who has nothing else.

It is built once for the tests of this file, which therefore stay on one worker (`xdist_group`).
"""

import json
import re
import shutil
import struct
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import project
from bundle import make_bundle
from store.documents import trial_process
from tests.packages.installed import Installed, alone, share
from tests.support.chromium import AppPage, running_chromium
from tests.support.running_app import running_app

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("bundle"),
]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a bundle, made of this checkout; it is too large to be left for later."""
    place = tmp_path_factory.mktemp("bundle")
    folder, _ = make_bundle.build_folder(place, place / "stage")
    yield folder
    shutil.rmtree(place)


@pytest.fixture
def cairn(bundle: Path, tmp_path: Path) -> Installed:
    """Its program, started elsewhere."""
    return Installed(bundle / "cairn", tmp_path)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as running:
        yield running


def test_it_says_the_version_of_this_checkout(cairn: Installed) -> None:
    assert cairn.said("--version") == f"cairn {project.version()}"


def test_two_edit_apart_by_the_bundles_own_server_and_app_and_meet_again(
    cairn: Installed, browser: Browser, tmp_path: Path
) -> None:
    """The server's child and the app's are the bundle itself: nothing syncs without."""
    ann, bea = tmp_path / "ann", tmp_path / "bea"
    data = tmp_path / "server"
    with cairn.serving(data) as server:
        share(cairn, server, ann, bea)
        cairn.run(ann, "add", "Book the bus", "--space", "Trip")
        cairn.run(ann, "sync")
        cairn.run(bea, "sync")

    # apart: one in the app, one at the command line
    (task,) = cairn.run(bea, "tasks", "--space", "Trip")
    cairn.run(bea, "edit", task["id"], "--title", "Book the late bus")
    with running_app(ann, cairn=(str(cairn.program),), environ=alone()) as app:
        page = AppPage(browser, app.url)
        page.press("Book the bus")
        page.enter("Title", "Book the early bus")
        page.sees("Book the early bus waiting to be sent")
        page.enter("New task", "Wax the boots")
        page.sees("Wax the boots")

        # together
        listen = server["url"].partition("#")[0].rpartition("/")[2]
        with cairn.serving(data, listen):
            # Whoever is there first knows of one side only; the other gets the conflict (4).
            cairn.run(bea, "sync", expect=(0, 4))
            page.go("Conflicts")
            page.press("The title was written differently")
            page.sees("Book the late bus")
            page.press(re.compile(r"Take side \d: Book the early bus"))
            page.sees("Settled by")
            cairn.run(ann, "sync")
            cairn.run(bea, "sync")
        page.close()
        assert app.stop() == 0
        assert "fault" not in app.log()

    # and everything is there at the next start
    with running_app(ann, cairn=(str(cairn.program),), environ=alone()) as app:
        page = AppPage(browser, app.url)
        page.sees("Book the early bus")
        page.sees("Wax the boots")
        page.close()
    digests = [cairn.run(home, "digest", "--space", "Trip")["view"] for home in (ann, bea)]
    assert digests[0] == digests[1]
    assert cairn.run(ann, "doctor")["ok"]


def test_it_opens_what_a_release_left_and_brings_it_up_to_date(
    cairn: Installed, tmp_path: Path
) -> None:
    for kept in sorted((project.ROOT / "tests/data/releases").iterdir()):
        with tarfile.open(kept / "data.tar.xz") as packed:
            packed.extractall(tmp_path / kept.name, filter="data")
        story = json.loads((kept / "story.json").read_text(encoding="utf-8"))

        now = cairn.run(tmp_path / kept.name / "ann", "tasks")

        assert [t["title"] for t in now] == [t["title"] for t in story["said"]["ann"]["tasks"]]
        assert cairn.run(tmp_path / kept.name / "ann", "doctor")["ok"]


def test_it_is_the_interpreter_of_its_own_child(bundle: Path) -> None:
    trial = trial_process.command(1 << 30)
    done = subprocess.run(
        [str(bundle / "cairn"), *trial[1:]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    (length,) = struct.unpack(">I", done.stdout[:4])
    assert len(done.stdout) == 4 + length, "it says that it is ready, and ends with its parent"


def test_it_tells_the_licences_of_all_that_it_carries(bundle: Path) -> None:
    told = (bundle / "LICENCES.txt").read_text(encoding="utf-8")
    head = told[: told.index("-" * 100)]
    carried = json.loads((bundle.parent / "stage" / "carried.json").read_text(encoding="utf-8"))
    taken_in = {path.rpartition("site-packages/")[2].partition("/")[0] for path in carried}

    for library, module in (("automerge", "automerge"), ("flet", "flet"), ("PyNaCl", "nacl")):
        assert module in taken_in
        assert re.search(rf"^  {library} \S+: \S", head, re.M), library
        assert re.search(rf"^{library} \S+, .*(LICEN|COPYING)", told, re.M | re.I) or library in (
            "automerge",  # whose wheel has no text of its own
            "flet",
        )
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in told
    assert (bundle / "LICENSE").read_text() == (project.ROOT / "LICENSE").read_text()


def test_it_carries_no_place_of_the_machine_that_built_it(bundle: Path) -> None:
    here = str(project.ROOT).encode()

    assert [
        path for path in bundle.rglob("*") if path.is_file() and here in path.read_bytes()
    ] == []


def test_a_desktop_finds_its_entry_and_its_icon(bundle: Path) -> None:
    entry_ = (bundle / "share/applications/cairn.desktop").read_text(encoding="utf-8")

    assert "Exec=cairn %u" in entry_
    assert "MimeType=x-scheme-handler/cairn;" in entry_
    assert (bundle / "share/icons/hicolor/256x256/apps/cairn.png").read_bytes()[1:4] == b"PNG"
