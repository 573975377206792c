"""Makes the app for phones and tablets: `make mobile TARGET=apk|aab|ipa`.

Flet's own build does the work (Flutter, Gradle or Xcode), on a copy staged in `dist/stage/mobile`:
the program, `main.py`, and an icon drawn from `assets/icon.svg`, of which Flet derives all sizes,
adaptive icons and splash screens. What the package asks of a device is in pyproject.toml,
`[tool.flet]`.

Automerge has no wheel for phones in the package index. `automerge_wheel.py` builds one where its
toolchain is; the wheels lie in `dist/mobile-wheels/`, or where CAIRN_MOBILE_WHEELS says. Where
something is missing, this stops before it has begun, with one line that names it.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import icons
import project

RECIPES: Final = Path(__file__).resolve().parent
STAGED: Final = project.STAGE / "mobile"
WHEELS: Final = project.DIST / "mobile-wheels"
TARGETS: Final = {"apk": "android", "aab": "android", "ipa": "ios"}
# What the devices of today run; `flet build` is told to make these and no others.
ARCHITECTURES: Final = {
    "android": {"arm64-v8a": "android_*_arm64_v8a", "x86_64": "android_*_x86_64"},
    "ios": {"arm64": "ios_*_arm64_iphoneos"},
}
SPLASH_PADDING: Final = 0.2
Which = Callable[[str], str | None]


def main() -> int:
    """Make the package, or say in one line what is missing."""
    parser = argparse.ArgumentParser(description="Make the app for phones and tablets.")
    parser.add_argument("target", choices=sorted(TARGETS))
    target = parser.parse_args().target
    wheels = Path(os.environ.get("CAIRN_MOBILE_WHEELS") or WHEELS)
    gap = missing(target, os.environ, shutil.which, sys.platform, _names(wheels))
    if gap:
        print(f"cairn: the {target} can't be made here: {gap}", file=sys.stderr)
        return 1
    stage(STAGED)
    out = project.DIST / f"cairn-{project.version()}-{target}"
    env = {**project.reproducible_env(), "PIP_FIND_LINKS": str(wheels)}
    subprocess.run(command(target, out), cwd=STAGED, env=env, check=True)
    print(out)
    return 0


def missing(
    target: str, environ: Mapping[str, str], which: Which, platform: str, wheels: Sequence[str]
) -> str | None:
    """Name the first thing without which a package can't be made; None if all is there.

    Args:
        target: apk, aab or ipa.
        environ: the environment.
        which: finds a program.
        platform: as `sys.platform`.
        wheels: names of the wheels for phones that are there.
    """
    system = TARGETS[target]
    if system == "ios" and platform != "darwin":
        return "Apple's tools run on macOS only; make it there."
    if which("flutter") is None:
        return "there is no flutter on the path; install the SDK that `flet --version` names."
    if system == "ios" and which("xcodebuild") is None:
        return "there is no xcodebuild; install Xcode."
    if system == "android" and not (environ.get("ANDROID_HOME") or environ.get("ANDROID_SDK_ROOT")):
        return "ANDROID_HOME names no Android SDK; install it, and set ANDROID_HOME."
    for architecture, tag in ARCHITECTURES[system].items():
        if not any(Path(name).match(f"automerge-*-{tag}.whl") for name in wheels):
            return (
                f"there is no wheel of Automerge for {system} on {architecture}; make one with "
                "build/mobile/automerge_wheel.py."
            )
    return None


def stage(place: Path) -> None:
    """Put together what Flet builds from."""
    shutil.rmtree(place, ignore_errors=True)
    project.unpack_wheel(place)
    for traces in place.glob("*.dist-info"):
        shutil.rmtree(traces)
    shutil.copy(RECIPES / "main.py", place)
    shutil.copy(project.ROOT / "pyproject.toml", place)
    assets = place / "assets"
    assets.mkdir()
    (assets / "icon.png").write_bytes(icons.png(icons.LARGEST_PX))
    (assets / "splash.png").write_bytes(icons.png(icons.LARGEST_PX, padding=SPLASH_PADDING))


def command(target: str, out: Path) -> list[str]:
    """The build, for the architectures that there are wheels for."""
    system = TARGETS[target]
    options = ["--arch", *ARCHITECTURES[system]] if system == "android" else []
    number = project.said("git", "-C", str(project.ROOT), "rev-list", "--count", "HEAD")
    return [
        *(sys.executable, "-m", "flet_cli.cli", "build", target, str(STAGED)),
        *("--output", str(out), "--build-number", number, "--yes", *options),
    ]


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.whl")) if folder.is_dir() else []


if __name__ == "__main__":
    sys.exit(main())
