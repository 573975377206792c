"""Makes the Debian package: the program with all it needs in /usr/lib/cairn, and its server's unit.

    make deb            → dist/cairn_VERSION_ARCH.deb

The packages come from `requirements.lock` with their hashes, for the Python that runs this: wheels
with compiled parts fit one minor version, so the package depends on that one. Nothing is compiled
here. The same commit gives the same bytes: times come from the commit, owners are root.

Put together in `dist/stage/deb`, from which `dpkg-deb` makes the file.
"""

import argparse
import compileall
import os
import py_compile
import shutil
import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import icons
import licences
from project import (
    DIST,
    ROOT,
    STAGE,
    epoch,
    reproducible_env,
    said,
    settings,
    unpack_wheel,
    version,
    write,
)

RECIPES: Final = Path(__file__).resolve().parent
OTHERS: Final = "Libraries in /usr/lib/cairn, whose licence texts lie in their *.dist-info folders:"
LAUNCHER: Final = """\
#!/usr/bin/python{python} -I
# What Cairn needs lies beside it; nothing of the system's own Python packages is used.
import sys

sys.path.insert(0, "/usr/lib/cairn")
from app.__main__ import main

sys.exit(main())
"""
CONTROL: Final = """\
Package: cairn
Version: {version}
Architecture: {architecture}
Maintainer: The Cairn founders <cairn@localhost>
Section: utils
Priority: optional
Installed-Size: {size_kib}
Depends: python{python}
Recommends: fonts-noto-core, fonts-noto-color-emoji
Suggests: nginx | caddy
Description: tasks and notes that work offline first
 Every device holds everything and takes edits at once; devices find each other again in the
 background; where two people wrote different things, both see it and settle it.
 .
 Holds the app (in the browser; a window where its client can be had), the command line `cairn`, and
 a server as the systemd unit cairn-server, which is not started by itself.
"""
# The unit is the administrator's to start. Its data stays until the package is purged.
PRERM: Final = """\
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl --no-reload disable --now cairn-server.service >/dev/null 2>&1 || true
fi
"""
# A server that runs goes on with the files of now: with the old ones in memory, what it loads only
# later would be of another version.
POSTINST: Final = """\
#!/bin/sh
set -e
if [ "$1" = configure ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
    if [ -n "$2" ]; then
        systemctl try-restart cairn-server.service || true
    fi
fi
"""
POSTRM: Final = """\
#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
fi
if [ "$1" = purge ]; then
    rm -rf /var/lib/private/cairn-server /var/lib/cairn-server
fi
"""


def main() -> int:
    """Make the package and say where it is."""
    parser = argparse.ArgumentParser(description="Make the Debian package of this checkout.")
    parser.parse_args()
    if shutil.which("dpkg-deb") is None:
        print(
            "There is no dpkg-deb here; the package is made on Debian or its kin.", file=sys.stderr
        )
        return 1
    package = build(DIST)
    print(f"{package} ({package.stat().st_size / 1e6:.0f} MB)")
    return 0


def build(dist: Path) -> Path:
    """Put the package together; gives the file."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    architecture = said("dpkg", "--print-architecture")
    stage = STAGE / "deb"
    shutil.rmtree(stage, ignore_errors=True)
    place_program(stage / "usr/lib/cairn")
    place_beside(stage, python)
    size_kib = sum(p.lstat().st_size for p in stage.rglob("*") if p.is_file()) // 1024
    control = CONTROL.format(
        version=version(), architecture=architecture, python=python, size_kib=size_kib
    )
    for name, text, mode in (
        ("control", control, 0o644),
        ("postinst", POSTINST, 0o755),
        ("prerm", PRERM, 0o755),
        ("postrm", POSTRM, 0o755),
    ):
        write(stage / "DEBIAN" / name, text, mode)
    for path in sorted(stage.rglob("*"), reverse=True):
        os.utime(path, (epoch(), epoch()), follow_symlinks=False)
    package = dist / f"cairn_{version()}_{architecture}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(stage), str(package)],
        check=True,
        stdout=subprocess.DEVNULL,
        env=reproducible_env(),
    )
    return package


def place_program(library: Path) -> None:
    """Put the program and its packages into one folder, compiled."""
    library.mkdir(parents=True)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"),
            *("--no-compile", "--no-deps", "--require-hashes", "--only-binary", ":all:"),
            *("--target", str(library), "--requirement", str(ROOT / "requirements.lock")),
        ],
        check=True,
    )
    shutil.rmtree(library / "bin", ignore_errors=True)  # scripts with this machine's paths in them
    drop_unneeded(library)
    unpack_wheel(library)
    for record in library.glob("*.dist-info"):
        for traces in ("RECORD", "direct_url.json", "REQUESTED", "INSTALLER"):
            (record / traces).unlink(missing_ok=True)
    # By content, not by time: the files are read-only for who runs them.
    os.environ["SOURCE_DATE_EPOCH"] = str(epoch())
    compiled = compileall.compile_dir(
        library,
        quiet=2,
        stripdir=str(library),
        prependdir="/usr/lib/cairn",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not compiled:  # a library's file for another Python; it is never imported
        print("Some files of the libraries are not for this Python and stay uncompiled.")


def drop_unneeded(library: Path) -> None:
    """Take out what the lock holds for setting up a checkout only (pip, the build backend)."""
    found = {canonicalize_name(d.metadata["Name"]): d for d in distributions(path=[str(library)])}
    wanted = settings()["project"]["dependencies"]
    needed: set[str] = set()
    left = [Requirement(text) for text in wanted]
    while left:
        requirement = left.pop()
        name = canonicalize_name(requirement.name)
        if name not in needed and name in found:
            needed.add(name)
            left += _required(found[name], requirement.extras)
    for name, distribution in found.items():
        if name not in needed:
            for file in distribution.files or ():
                library.joinpath(str(file)).unlink(missing_ok=True)
    for folder in sorted((p for p in library.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def _required(distribution: Distribution, extras: set[str]) -> list[Requirement]:
    """What a library needs here, with some of its extras."""
    environments = [{"extra": extra} for extra in ("", *extras)]
    every = [Requirement(text) for text in distribution.requires or ()]
    return [r for r in every if r.marker is None or any(map(r.marker.evaluate, environments))]


def place_beside(stage: Path, python: str) -> None:
    """Put the launcher, the unit, the desktop entry and the licences where Debian wants them."""
    write(stage / "usr/bin/cairn", LAUNCHER.format(python=python), 0o755)
    unit = (ROOT / "build/server/cairn-server.service").read_text()
    write(stage / "lib/systemd/system/cairn-server.service", unit)
    entry = (RECIPES / "cairn.desktop").read_text()
    write(stage / "usr/share/applications/cairn.desktop", entry)
    icons.place_hicolor(stage / "usr/share/icons")
    doc = stage / "usr/share/doc/cairn"
    others = licences.overview(distributions(path=[str(stage / "usr/lib/cairn")]))
    copyright_ = f"{(ROOT / 'LICENSE').read_text()}\n{OTHERS}\n{others}"
    write(doc / "copyright", copyright_)
    write(doc / "changelog", (ROOT / "CHANGELOG.md").read_text())
    for name in ("nginx.conf", "Caddyfile"):
        write(doc / "examples" / name, (ROOT / "build/server" / name).read_text())


if __name__ == "__main__":
    sys.exit(main())
