"""Makes a release: builds it twice, tries it where nothing is, keeps the data that it writes.

    make release                            the whole of it, into dist/release/
    make release ARGS="--rehearse"          the same for what is not to be released yet
    make release ARGS="--no-bundle"         without the bundle of this machine

The version is the one in pyproject.toml, and CHANGELOG.md must have a heading for it. What is in
the commit is built, once here and once from a clone at another place: the files must be the same,
byte for byte. The wheel is then installed by pipx and used. The data that it wrote goes to
`tests/data/releases/VERSION/`, to be committed: every later version is tested on it.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import project
from release import artifacts, freeze_data, trial
from release.program import Program

OUT: Final = project.DIST / "release"


def main() -> int:
    """Make the release, or say in one line why not."""
    parser = argparse.ArgumentParser(description="Make a release of this commit.")
    parser.add_argument("--rehearse", action="store_true", help="of any commit, keeping nothing")
    parser.add_argument("--no-bundle", action="store_true", help="without this machine's bundle")
    given = parser.parse_args()
    if not given.rehearse:
        stop_unless_ready()
    shutil.rmtree(OUT, ignore_errors=True)
    with tempfile.TemporaryDirectory() as place:
        make(Path(place), with_bundle=not given.no_bundle, keep=not given.rehearse)
    return 0


def make(place: Path, *, with_bundle: bool, keep: bool) -> None:
    """Build twice and compare, install and use, keep the data."""
    commit = project.said("git", "-C", str(project.ROOT), "rev-parse", "HEAD")
    for root, out in (
        (clone(place / "one", commit), OUT),
        (clone(place / "other", commit), place / "again"),
    ):
        build(root, out, with_bundle=with_bundle)
    compare(artifacts.hashes(OUT), artifacts.hashes(place / "again"))
    (wheel,) = OUT.glob("*.whl")
    cairn = trial.install(wheel, place)
    trial.use(cairn, place, project.version())
    print("The wheel works where nothing else is installed.")
    sums = "".join(f"{digest}  {name}\n" for name, digest in artifacts.hashes(OUT).items())
    (OUT / "SHA256SUMS").write_text(sums, encoding="utf-8")
    print(sums, end="")
    if keep:
        folder = project.ROOT / "tests/data/releases" / project.version()
        freeze_data.freeze(Program(cairn, place / "story"), folder, commit)
        print(
            f"Commit {folder.relative_to(project.ROOT)}, then tag the commit v{project.version()}."
        )


def stop_unless_ready() -> None:
    """Stop where the commit is not one to release."""
    if project.said("git", "-C", str(project.ROOT), "status", "--porcelain"):
        raise SystemExit("There are changes that are not committed; commit them, then release.")
    why = not_released_because(
        (project.ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), project.version()
    )
    if why:
        raise SystemExit(why)


def not_released_because(changelog: str, version: str) -> str | None:
    """Say what a changelog lacks for a version to be released; None if nothing."""
    headings = re.findall(r"^## \[([^\]]+)\](.*)$", changelog, re.M)
    dated = [name for name, rest in headings if re.fullmatch(r" - \d{4}-\d\d-\d\d", rest)]
    if version not in dated:
        return (
            f"CHANGELOG.md has no heading `## [{version}] - YYYY-MM-DD`; give it one, then release."
        )
    if dated[0] != version:
        return f"pyproject.toml says {version}, and CHANGELOG.md is at {dated[0]}; make them agree."
    return None


def clone(place: Path, commit: str) -> Path:
    """Check a commit out into a folder of its own: nothing uncommitted gets into a release."""
    subprocess.run(
        ["git", "clone", "--quiet", "--no-checkout", str(project.ROOT), str(place)], check=True
    )
    subprocess.run(["git", "-C", str(place), "checkout", "--quiet", commit], check=True)
    return place


def build(root: Path, out: Path, *, with_bundle: bool) -> None:
    """Build a checkout's files with the tools of this environment."""
    command = [sys.executable, "-m", "release.artifacts", str(out), *["--bundle"] * with_bundle]
    env = {**project.reproducible_env(), "PYTHONPATH": str(root / "build")}
    subprocess.run(command, cwd=root, env=env, check=True)


def compare(first: dict[str, str], second: dict[str, str]) -> None:
    """Stop where two builds of one commit differ."""
    differing = sorted({name for name, _ in first.items() ^ second.items()})
    if differing:
        raise SystemExit(f"Two builds of one commit differ: {', '.join(differing)}.")


if __name__ == "__main__":
    sys.exit(main())
