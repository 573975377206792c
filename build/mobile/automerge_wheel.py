"""Builds Automerge's binding for a phone: `python -m mobile.automerge_wheel TARGET PYTHON_FOLDER`.

TARGET is Rust's name (`aarch64-linux-android`, `x86_64-linux-android`, `aarch64-apple-ios`), and
PYTHON_FOLDER the Python of that system which Flet's shell carries: its `lib` with `libpython3.12`,
and its `_sysconfigdata*.py`. The binding is Rust (PyO3 by maturin); the package index has its
source and no wheel for phones, so:

    1. the source archive of the very version that pyproject.toml pins is fetched by pip;
    2. maturin cross-compiles it: PyO3 is told of the foreign Python by PYO3_CROSS_LIB_DIR, Rust of
       the linker (the NDK's clang for Android, Xcode's for iOS);
    3. the wheel gets the tag that Flet's pip asks for, and goes to `dist/mobile-wheels/`.

Android loads a library's neighbours only if it names them, so the wheel links libpython. Each step
stops with one line where its tool is missing.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import project

PYTHON: Final = "3.12"  # of Flet's shell, and the newest that the binding's PyO3 knows
API_LEVEL: Final = 24  # Android 7: the oldest that the shell supports
STEP_S_MAX: Final = 1_800
# Rust's name of a system → the tag of its wheels, and the NDK's name of its compiler.
TARGETS: Final = {
    "aarch64-linux-android": (f"android_{API_LEVEL}_arm64_v8a", "aarch64-linux-android"),
    "x86_64-linux-android": (f"android_{API_LEVEL}_x86_64", "x86_64-linux-android"),
    "aarch64-apple-ios": ("ios_13_0_arm64_iphoneos", ""),
}
HOSTS: Final = {"linux": "linux-x86_64", "darwin": "darwin-x86_64", "win32": "windows-x86_64"}


def main() -> int:
    """Build the wheel, or say in one line what is missing."""
    parser = argparse.ArgumentParser(description="Build Automerge's wheel for a phone.")
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("python", type=Path, help="folder of the Python of that system")
    given = parser.parse_args()
    gap = missing(given.target, given.python, os.environ, sys.platform)
    if gap:
        print(f"cairn: the wheel can't be made here: {gap}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as place:
        source = fetch(Path(place))
        wheel = compile_(source, given.target, given.python, Path(place) / "out")
        print(keep(wheel, given.target))
    return 0


def missing(target: str, python: Path, environ: Mapping[str, str], platform: str) -> str | None:
    """Name the first thing without which the wheel can't be made; None if all is there."""
    if shutil.which("cargo") is None:
        return "there is no cargo on the path; install Rust."
    if shutil.which("maturin") is None or find_spec("wheel") is None:
        return "maturin or wheel is not installed; run: pip install maturin wheel"
    installed = subprocess.run(
        ["rustc", "--print", "target-libdir", "--target", target],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    if not Path(installed or "nowhere").is_dir():
        return f"Rust has no library for {target}; run: rustup target add {target}"
    if target.endswith("android"):
        if not linker(target, environ, platform).is_file():
            return "ANDROID_NDK_HOME names no Android NDK; install it, and set ANDROID_NDK_HOME."
    elif platform != "darwin":
        return "Apple's linker runs on macOS only; make it there."
    if not any(python.glob("lib/**/_sysconfigdata*.py")):
        return f"{python} holds no Python of that system (no lib/**/_sysconfigdata*.py)."
    return None


def linker(target: str, environ: Mapping[str, str], platform: str) -> Path:
    """The NDK's clang for a target; its name says the oldest Android."""
    ndk = Path(environ.get("ANDROID_NDK_HOME") or "nowhere")
    tools = ndk / "toolchains" / "llvm" / "prebuilt" / HOSTS.get(platform, "") / "bin"
    return tools / f"{TARGETS[target][1]}{API_LEVEL}-clang{'.cmd' * (platform == 'win32')}"


def fetch(place: Path) -> Path:
    """Fetch the source of the version that is pinned, and unpack it."""
    (pinned,) = (
        each
        for each in project.settings()["project"]["dependencies"]
        if each.startswith("automerge==")
    )
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation"),
        *("--no-binary", "automerge", "--dest", str(place), pinned),
    ]
    subprocess.run(command, check=True, timeout=STEP_S_MAX)
    (archive,) = place.glob("automerge-*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(place, filter="data")
    return place / archive.name.removesuffix(".tar.gz")


def compile_(source: Path, target: str, python: Path, out: Path) -> Path:
    """Cross-compile the binding."""
    name = target.upper().replace("-", "_")
    env = {
        **os.environ,
        "PYO3_CROSS": "1",
        "PYO3_CROSS_PYTHON_VERSION": PYTHON,
        "PYO3_CROSS_LIB_DIR": str(python / "lib"),
    }
    if target.endswith("android"):
        clang = str(linker(target, os.environ, sys.platform))
        links = f"-L {python / 'lib'} -l python{PYTHON}"
        env |= {
            f"CARGO_TARGET_{name}_LINKER": clang,
            f"CC_{target}": clang,
            f"CARGO_TARGET_{name}_RUSTFLAGS": links,
        }
    command = [
        *("maturin", "build", "--release", "--locked", "--target", target, "--out", str(out)),
        *("--interpreter", f"python{PYTHON}", "--compatibility", "off"),
    ]
    subprocess.run(command, cwd=source, env=env, check=True, timeout=STEP_S_MAX)
    (wheel,) = out.glob("*.whl")
    return wheel


def keep(wheel: Path, target: str) -> Path:
    """Give the wheel the tag of its system, and put it with the others."""
    folder = project.DIST / "mobile-wheels"
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "wheel", "tags", "--remove", "--platform-tag", TARGETS[target][0]),
        str(wheel),
    ]
    named = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return Path(shutil.copy(wheel.with_name(named.splitlines()[-1]), folder))


if __name__ == "__main__":
    sys.exit(main())
