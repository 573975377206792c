"""Makes the self-contained program for the machine that this runs on.

    make bundle         → dist/cairn-VERSION-SYSTEM-MACHINE/         a folder, `cairn` in it
                          dist/cairn-VERSION-SYSTEM-MACHINE.tar.xz   the same, packed
                          dist/cairn-VERSION-SYSTEM-MACHINE-onefile  one file

By PyInstaller, on a staged copy below `dist/stage/bundle` (it deletes and writes `./build`
otherwise). The window's client is taken along where Flet has it in this person's folder or it can
be fetched; without it the bundle shows the app in the browser. What the bundle carries of others is
told in its `LICENCES.txt`, from what PyInstaller really took in.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from importlib.metadata import Distribution, distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

import icons
import licences
from bundle import parts
from project import DIST, ROOT, STAGE, epoch, reproducible_env, unpack_wheel, version, write

RECIPES: Final = Path(__file__).resolve().parent
NEEDED: Final = {
    "automerge": "there is no Automerge for this machine (README says where there is).",
    "PyInstaller": "PyInstaller is not installed; run `make dev`.",
}
CLIENT_TIMEOUT_S: Final = 60.0
HEAD: Final = """\
Cairn is under the MIT licence (LICENSE). This bundle carries with it what others made:
Python {python} (the Python Software Foundation's licence), {count} libraries, and parts of the
system that it was built on. First lists, then the texts.

"""


def main() -> int:
    """Make the bundle and say where it is and how large."""
    parser = argparse.ArgumentParser(description="Make a self-contained program of this checkout.")
    parser.add_argument("--out", type=Path, default=DIST, help="where to put it (default: dist/)")
    made = build(parser.parse_args().out.resolve())
    for path in made:
        print(f"{path} ({size_bytes(path) / 1e6:.0f} MB)")
    return 0


def build(out: Path) -> list[Path]:
    """Make folder, archive and single file; gives their places."""
    folder, frozen = build_folder(out, STAGE / "bundle")
    single = out / f"{folder.name}-onefile{frozen.suffix}"
    shutil.copy2(frozen, single)
    return [folder, pack(folder), single]


def build_folder(
    out: Path, staged: Path, find: Callable[[str], object] = find_spec
) -> tuple[Path, Path]:
    """Make the folder; gives it, and the single file as it was staged.

    Args:
        out: where the folder goes.
        staged: a folder of ours, emptied first, in which it is put together.
        find: tells whether a library is here.
    """
    for name, advice in NEEDED.items():
        if find(name) is None:
            raise SystemExit(f"The bundle can't be made here: {advice}")
    shutil.rmtree(staged, ignore_errors=True)
    unpack_wheel(staged / "program")
    (staged / "cairn.ico").write_bytes(icons.ico())
    (staged / "cairn.icns").write_bytes(icons.icns())
    place_client(staged / "client")
    freeze(staged)
    folder = out / f"cairn-{version()}-{sys.platform}-{platform.machine().lower()}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(staged / "out" / "cairn", folder, symlinks=True)
    place_beside(folder, staged)
    (frozen,) = (staged / "out").glob("cairn-onefile*")
    return folder, frozen


def freeze(staged: Path) -> None:
    """Let PyInstaller take the program and its libraries together."""
    env = {
        **reproducible_env(),
        "CAIRN_STAGED": str(staged),
        "CAIRN_VERSION": version(),
        "FLET_VIEW_PATH": str(staged / "client"),  # else Flet's hook asks the network for a client
        "PYTHONPATH": str(ROOT / "build"),
    }
    command = [
        *(sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR"),
        *("--workpath", str(staged / "work"), "--distpath", str(staged / "out")),
        str(RECIPES / "cairn.spec"),
    ]
    done = subprocess.run(
        command, cwd=staged, env=env, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
        raise SystemExit(f"PyInstaller could not make the bundle: {said[-1]}")


def place_client(place: Path) -> None:
    """Take the window's client along, where it can be had; else an empty mark of its absence."""
    probe = "import flet_desktop; print(flet_desktop.ensure_client_cached())"
    try:
        done = subprocess.run(
            [sys.executable, "-c", probe],
            capture_output=True,
            text=True,
            timeout=CLIENT_TIMEOUT_S,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        print("The window's client can't be had here: this bundle shows the app in the browser.")
        write(place / parts.NO_CLIENT, "")
        return
    shutil.copytree(Path(done.stdout.strip().splitlines()[-1]), place, symlinks=True)


def place_beside(folder: Path, staged: Path) -> None:
    """Put what a person wants to read, and what a desktop wants, beside the program."""
    for name in ("LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder / name)
    write(folder / "LICENCES.txt", all_licences(staged))
    if sys.platform.startswith("linux"):
        entry = (ROOT / "build/deb/cairn.desktop").read_text(encoding="utf-8")
        write(folder / "share/applications/cairn.desktop", entry)
        icons.place_hicolor(folder / "share/icons")


def all_licences(staged: Path) -> str:
    """Tell the licences of everything that was taken in."""
    record = json.loads((staged / "carried.json").read_text(encoding="utf-8"))
    owners, foreign = sorted_out([Path(path) for path in record], staged)
    python = Path(os.__file__).with_name("LICENSE.txt")
    own = python.read_text(encoding="utf-8") if python.exists() else ""
    refuse_what_is_not_locked(owners)
    system = "".join(f"  {path.name}\n" for path in foreign)
    return (
        HEAD.format(python=platform.python_version(), count=len(owners))
        + licences.in_full(owners)
        + f"\nOf the system's libraries:\n{system}\n{systems_texts(foreign)}\n\nPython:\n\n{own}"
    )


def refuse_what_is_not_locked(owners: list[Distribution]) -> None:
    """Stop where a library got in that Cairn doesn't need: one of a developer's tools."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {line.partition("==")[0] for line in lock.splitlines() if "==" in line}
    names = {canonicalize_name(each.metadata["Name"]) for each in owners} - {"cairn"}
    if names - locked:
        raise SystemExit(
            f"The bundle would carry {', '.join(sorted(names - locked))}: see parts.py."
        )


def sorted_out(carried: list[Path], staged: Path) -> tuple[list[Distribution], list[Path]]:
    """Tell whose the files are.

    Returns:
        Libraries that were installed, and files of the system.
    """
    owner_of = {
        Path(str(found.locate_file(file))).resolve(): found
        for found in distributions()
        for file in found.files or ()
    }
    resolved = [path.resolve() for path in carried if path.is_absolute()]
    owners = [owner_of[path] for path in resolved if path in owner_of]
    known = [Path(place).resolve() for place in (sys.base_prefix, sys.prefix, staged)]
    foreign = [path for path in resolved if not any(path.is_relative_to(each) for each in known)]
    return licences.by_name(owners), sorted(set(foreign))


def systems_texts(libraries: list[Path]) -> str:
    """Give the licences of the system's libraries, as Debian keeps them; elsewhere nothing."""
    if not libraries or shutil.which("dpkg-query") is None:
        return ""
    asked = subprocess.run(
        ["dpkg-query", "--search", *(f"*/{path.name}" for path in libraries)],
        capture_output=True,
        text=True,
        check=False,
    )
    packages = sorted({line.split(":", 1)[0] for line in asked.stdout.splitlines()})
    texts = [Path("/usr/share/doc", package, "copyright") for package in packages]
    return "\n\n".join(
        f"{path.parent.name}:\n\n{path.read_text(encoding='utf-8')}"
        for path in texts
        if path.exists()
    )


def pack(folder: Path) -> Path:
    """Pack the folder: the same bytes for the same files; whole, or under a draft's name."""
    archive = folder.with_name(folder.name + ".tar.xz")
    draft = archive.with_suffix(".draft")

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = epoch(), 0, 0, "", ""
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    with tarfile.open(draft, "w:xz", preset=6) as packed:
        packed.add(folder, folder.name, filter=plain)  # in the order of names
    draft.replace(archive)
    return archive


def size_bytes(path: Path) -> int:
    """How much room it takes."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.lstat().st_size for file in path.rglob("*") if file.is_file())


if __name__ == "__main__":
    sys.exit(main())
