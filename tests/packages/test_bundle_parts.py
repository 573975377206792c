"""What the bundle's executable understands, and which parts go into it; without building one."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import project
from app.ui import launch
from bundle import entry, make_bundle, parts
from store.documents import trial_process


def test_the_children_that_the_program_starts_are_known_to_the_bundle() -> None:
    """A frozen program has no interpreter beside it: what asks for one must be one of these."""
    trial = trial_process.command(1 << 30)

    assert entry.child_of(trial[1:]) == ("store.documents.trial_child", [str(1 << 30)])
    assert entry.child_of(["-m", launch.FETCHER]) == (launch.FETCHER, [])


@pytest.mark.parametrize(
    "words", [[], ["add", "-m"], ["-m", "http.server"], ["-c", "print()"], ["-m"], ["-P", "-m"]]
)
def test_it_is_no_interpreter_for_anything_else(words: list[str]) -> None:
    assert entry.child_of(words) is None


def test_programs_that_it_starts_get_the_systems_libraries() -> None:
    environ = {"LD_LIBRARY_PATH": "/bundle", "LD_LIBRARY_PATH_ORIG": "/usr/local/lib"}

    entry.give_back_the_systems_libraries(environ)

    assert environ == {"LD_LIBRARY_PATH": "/usr/local/lib"}


@pytest.mark.parametrize(
    ("program", "folder"), [("flet/flet", "flet"), ("flet/flet.exe", "flet"), ("Flet.app/x", ".")]
)
def test_a_client_inside_is_used_unless_the_person_brought_one(
    tmp_path: Path, program: str, folder: str
) -> None:
    app = tmp_path / "flet_desktop" / "app"
    none: dict[str, str] = {}
    entry.name_the_client_inside(tmp_path, none)
    (app / program).parent.mkdir(parents=True)
    (app / program).touch()
    inside: dict[str, str] = {}
    entry.name_the_client_inside(tmp_path, inside)
    brought = {"FLET_VIEW_PATH": "/mine"}
    entry.name_the_client_inside(tmp_path, brought)

    assert none == {}
    assert inside == {"FLET_VIEW_PATH": str(app / folder)}
    assert brought == {"FLET_VIEW_PATH": "/mine"}


@pytest.mark.parametrize(
    ("place", "is_needed"),
    [
        ("flet_web/web/main.dart.js", True),
        ("flet_web/web/canvaskit/canvaskit.wasm", True),
        ("flet_web/web/canvaskit/chromium/canvaskit.wasm", True),
        ("flet_web/web/canvaskit/skwasm.wasm", False),
        ("flet_web/web/pyodide/python_stdlib.zip", False),
        ("flet_web\\web\\canvaskit\\canvaskit.js.symbols", False),
        ("store/database/fresh_home.sql", True),
        ("cairn-0.1.0.dist-info/direct_url.json", False),
    ],
)
def test_of_flets_page_it_carries_what_the_app_uses(place: str, is_needed: bool) -> None:
    assert parts.is_needed(place) is is_needed


def test_every_module_of_the_program_does_without_what_is_left_out() -> None:
    """What is needed only now and then (to bring an old home up to date) fails only then."""
    program = f"""
import importlib
from importlib.machinery import PathFinder
find = PathFinder.find_spec
left_out = {parts.EXCLUDED!r}
PathFinder.find_spec = lambda name, *rest: None if name in left_out else find(name, *rest)
for module in {parts.modules(project.ROOT)!r}:
    if not module.endswith("__main__"):
        importlib.import_module(module)
import flet_desktop, flet_web.fastapi, uvicorn.loops.auto, uvicorn.protocols.http.auto
"""

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=project.ROOT
    )

    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("missing", "says"),
    [("automerge", "no Automerge for this machine"), ("PyInstaller", "run `make dev`")],
)
def test_where_a_part_is_missing_no_bundle_is_begun(
    tmp_path: Path, missing: str, says: str
) -> None:
    """A bundle without Automerge would start, say why it can't, and be of no use to anybody."""
    staged = tmp_path / "stage"

    with pytest.raises(SystemExit, match=says):
        make_bundle.build_folder(
            tmp_path, staged, find=lambda name: None if name == missing else name
        )
    assert not staged.exists()


def test_an_archive_that_was_broken_off_is_not_taken_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cairn-1"
    folder.mkdir()
    (folder / "cairn").write_bytes(b"program")
    add = tarfile.TarFile.add

    def cut(*given: object, **more: object) -> None:
        add(*given, **more)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(tarfile.TarFile, "add", cut)
        with pytest.raises(KeyboardInterrupt):
            make_bundle.pack(folder)
    assert not list(tmp_path.glob("*.tar.xz"))

    with tarfile.open(make_bundle.pack(folder)) as packed:
        assert packed.getnames() == ["cairn-1", "cairn-1/cairn"]
