"""Builds the files of a release: `python -m release.artifacts FOLDER [--bundle]`.

A program of its own, so that a release can build twice, from two places, and compare.
"""

import argparse
import hashlib
from pathlib import Path

from project import build_python


def build(out: Path, *, with_bundle: bool) -> list[Path]:
    """Build source archive and wheel, and the bundle of this machine if it is wanted."""
    built = [build_python(out, target) for target in ("sdist", "wheel")]
    if with_bundle:
        from bundle import make_bundle

        built += [path for path in make_bundle.build(out) if path.is_file()]
    return built


def hashes(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of every file in a folder, by name."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file()
    }


def main() -> None:
    """Build, and say what."""
    parser = argparse.ArgumentParser(description="Build the files of a release.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bundle", action="store_true", help="also the bundle of this machine")
    given = parser.parse_args()
    for path in build(given.folder.resolve(), with_bundle=given.bundle):
        print(path)


if __name__ == "__main__":
    main()
