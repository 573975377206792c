"""What is staged for a phone, and the one line where a phone's package can't be made.

The packages themselves need Flutter and each system's own tools: `.github/workflows/packages.yml`.
"""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from flet_cli.commands import build_base  # type: ignore[import-untyped]
from flet_platform_assets import IconOptions, load_source, render_icons, render_splash  # type: ignore[import-untyped]

import project
from mobile import automerge_wheel, make_mobile
from tests.packages.installed import modules_of

ANDROID = ("automerge-1.0.0rc1-cp312-cp312-android_24_arm64_v8a.whl",)
BOTH = (*ANDROID, "automerge-1.0.0rc1-cp312-cp312-android_24_x86_64.whl")
IOS = ("automerge-1.0.0rc1-cp312-cp312-ios_13_0_arm64_iphoneos.whl",)
SDK = {"ANDROID_HOME": "/sdk"}


def everything(name: str) -> str:
    return f"/bin/{name}"


def nothing(name: str) -> None:
    return None


@pytest.mark.parametrize(
    ("target", "environ", "which", "platform", "wheels", "says"),
    [
        ("apk", SDK, nothing, "linux", BOTH, "no flutter on the path"),
        ("aab", {}, everything, "linux", BOTH, "ANDROID_HOME names no Android SDK"),
        ("apk", SDK, everything, "linux", (), "no wheel of Automerge for android on arm64-v8a"),
        ("apk", SDK, everything, "linux", ANDROID, "no wheel of Automerge for android on x86_64"),
        ("apk", SDK, everything, "linux", BOTH, None),
        ("ipa", {}, everything, "linux", IOS, "on macOS only"),
        ("ipa", {}, everything, "darwin", BOTH, "no wheel of Automerge for ios on arm64"),
        ("ipa", {}, everything, "darwin", IOS, None),
    ],
)
def test_what_is_missing_is_named_in_one_line(
    target: str,
    environ: dict[str, str],
    which: make_mobile.Which,
    platform: str,
    wheels: tuple[str, ...],
    says: str | None,
) -> None:
    gap = make_mobile.missing(target, environ, which, platform, wheels)

    assert (gap is None) if says is None else (gap is not None and says in gap)
    assert gap is None or "\n" not in gap


def test_the_wheel_of_a_phone_is_of_the_version_that_is_pinned() -> None:
    """The script takes it from pyproject.toml; its tags are those that are asked for here."""
    for system, tags in make_mobile.ARCHITECTURES.items():
        made = [tag for tag, _ in automerge_wheel.TARGETS.values() if tag.startswith(system)]
        for tag in tags.values():
            assert any(Path(name).match(tag) for name in made), tag


def test_a_phone_gets_the_program_its_entry_and_an_icon(tmp_path: Path) -> None:
    staged = tmp_path / "stage"

    make_mobile.stage(staged)

    assert modules_of(staged) == modules_of(project.ROOT)
    assert {path.name for path in staged.iterdir()} == {
        *("app", "store", "sync", "assets", "main.py", "pyproject.toml"),
    }
    compile((staged / "main.py").read_text(encoding="utf-8"), "main.py", "exec")
    for name in ("icon.png", "splash.png"):
        image, _ = load_source(staged / "assets" / name)
        assert image.size == (1024, 1024)


@pytest.mark.parametrize("platform", ["android", "ios"])
def test_every_icon_and_splash_screen_follows_from_the_one_drawing(
    tmp_path: Path, platform: str
) -> None:
    make_mobile.stage(tmp_path / "stage")
    icon, _ = load_source(tmp_path / "stage/assets/icon.png")
    splash, _ = load_source(tmp_path / "stage/assets/splash.png")
    color = flet_settings()["icon_background"]
    background = tuple(bytes.fromhex(color[1:]))

    icons = render_icons(icon, IconOptions(background=background), platform=platform, derived=True)
    screens = render_splash(splash, platform=platform)

    assert icons.warnings == []
    assert screens.warnings == []
    names = [each.relative_path for each in icons.assets]
    assert len(names) > 5
    assert platform != "android" or any("foreground" in name for name in names), "adaptive ones"
    assert len(screens.assets) > 3


def test_a_phone_is_asked_for_the_network_and_nothing_else() -> None:
    settings = flet_settings()

    assert settings.get("permissions", []) == []
    assert settings["android"]["permission"] == {
        "android.permission.INTERNET": True,
        "android.permission.ACCESS_NETWORK_STATE": True,
    }


def test_a_person_is_told_why_the_app_wants_the_local_network() -> None:
    """Apple asks a person before an app reaches a server nearby, with this sentence."""
    assert "your own network" in flet_settings()["ios"]["info"]["NSLocalNetworkUsageDescription"]


def test_an_invite_link_opens_the_app_on_every_system() -> None:
    settings = flet_settings()
    desktop = (project.ROOT / "build/deb/cairn.desktop").read_text(encoding="utf-8")

    for system in ("android", "ios"):
        assert settings[system]["deep_linking"] == {"scheme": "cairn", "host": "join"}
    assert "x-scheme-handler/cairn" in desktop


def test_flet_understands_what_it_is_asked_and_told() -> None:
    """A name that Flet doesn't know is passed over in silence, or stops a build after minutes."""
    source = Path(build_base.__file__).read_text(encoding="utf-8")
    asked = [word for word in make_mobile.command("apk", Path("out")) if word.startswith("--")]
    told = [
        *("tool.flet.org", "tool.flet.product", "tool.flet.company", "tool.flet.copyright"),
        *("tool.flet.icon_background", "tool.flet.app.module", "compile.packages", "cleanup.app"),
        *("tool.flet.android.adaptive_icon_background", "tool.flet.android.permission"),
        *("tool.flet.android.deep_linking.scheme", "tool.flet.ios.deep_linking.host"),
        *("tool.flet.ios.info", "splash_dark_color"),
    ]

    usage = subprocess.run(
        [sys.executable, "-m", "flet_cli.cli", "build", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert [word for word in asked if f"{word} " not in usage] == []
    assert [name for name in told if f'"{name}"' not in source] == []
    assert set(flet_settings()) == {
        *("org", "product", "company", "copyright", "icon_background", "app", "compile"),
        *("cleanup", "splash", "android", "ios"),
    }


def test_what_only_a_desktop_needs_stays_off_the_phone() -> None:
    wanted = project.settings()["project"]["dependencies"]

    for library in ("flet-web", "flet-desktop"):
        (line,) = (each for each in wanted if each.startswith(library))
        assert "sys_platform != 'android'" in line
        assert "sys_platform != 'ios'" in line


def flet_settings() -> dict[str, Any]:
    text = (project.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    settings: dict[str, Any] = tomllib.loads(text)["tool"]["flet"]
    return settings
