"""What the Debian package puts beside the program; without the libraries, which are fetched."""

import configparser
import stat
import subprocess
from pathlib import Path

import pytest

import project
from deb import make_deb

SCRIPTS = {"postinst": make_deb.POSTINST, "prerm": make_deb.PRERM, "postrm": make_deb.POSTRM}
SYSTEMCTL = '#!/bin/sh\necho "$@" >> "$(dirname "$0")/asked"\n'


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    (tmp_path / "usr/lib/cairn").mkdir(parents=True)
    make_deb.place_beside(tmp_path, "3.11")
    return tmp_path


def test_the_command_sees_its_own_libraries_and_nothing_of_the_systems(staged: Path) -> None:
    command = staged / "usr/bin/cairn"

    assert stat.S_IMODE(command.stat().st_mode) == 0o755
    assert command.read_text(encoding="utf-8").startswith("#!/usr/bin/python3.11 -I\n")


def test_the_desktop_entry_starts_the_command_and_has_an_icon(staged: Path) -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(staged / "usr/share/applications/cairn.desktop", encoding="utf-8")
    told = entry["Desktop Entry"]

    assert told["Exec"].split() == ["cairn", "%u"]
    assert told["MimeType"] == "x-scheme-handler/cairn;"
    icons = staged / "usr/share/icons/hicolor"
    assert (icons / "scalable/apps" / f"{told['Icon']}.svg").is_file()


def test_the_unit_starts_the_command_that_is_there(staged: Path) -> None:
    unit = (staged / "lib/systemd/system/cairn-server.service").read_text(encoding="utf-8")
    (start,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]

    assert (staged / start.removeprefix("ExecStart=/").split()[0]).is_file()
    for name in ("nginx.conf", "Caddyfile"):
        assert (staged / "usr/share/doc/cairn/examples" / name).is_file()
    assert (project.ROOT / "LICENSE").read_text() in (
        staged / "usr/share/doc/cairn/copyright"
    ).read_text()


@pytest.mark.parametrize(
    ("script", "words", "asked"),
    [
        ("postinst", ["configure", ""], ["daemon-reload"]),
        (
            "postinst",
            ["configure", "0.0.9"],
            ["daemon-reload", "try-restart cairn-server.service"],
        ),
        ("prerm", ["upgrade", "0.2.0"], []),
        ("prerm", ["remove"], ["--no-reload disable --now cairn-server.service"]),
        ("postrm", ["remove"], ["daemon-reload"]),
    ],
)
def test_a_running_server_is_restarted_by_an_upgrade_and_ended_by_removal(
    tmp_path: Path, script: str, words: list[str], asked: list[str]
) -> None:
    """The scripts as they are, but for the folder by which they see that systemd runs."""
    (tmp_path / "systemctl").write_text(SYSTEMCTL)
    (tmp_path / "systemctl").chmod(0o755)
    text = SCRIPTS[script]
    assert "/run/systemd/system" in text
    program = text.replace("/run/systemd/system", str(tmp_path))

    subprocess.run(
        ["/bin/sh", "-c", program, script, *words],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=True,
        capture_output=True,
    )

    told = tmp_path / "asked"
    assert (told.read_text().splitlines() if told.exists() else []) == asked
