"""Where the app is shown: a window, this machine’s browser, or one far away; and why no window."""

import os
from pathlib import Path

import flet as ft
import pytest

from app.ui.surface import Mode, choose_surface, has_window_client, tunnel_command
from app.ui.window import show_window

SCREEN = {"DISPLAY": ":0"}
SSH = {"SSH_CONNECTION": "10.0.0.2 50000 10.0.0.9 22"}


@pytest.mark.parametrize(
    ("mode", "environ", "has_client", "in_window", "opens_browser", "says_why"),
    [
        ("auto", SCREEN, True, True, True, False),
        ("auto", SCREEN, False, False, True, True),
        ("auto", {}, True, False, False, False),
        ("auto", {**SCREEN, **SSH}, True, False, False, False),
        ("browser", SCREEN, True, False, True, False),
        ("window", SCREEN, False, True, True, False),
    ],
)
def test_the_surface_follows_from_what_is_here(
    mode: Mode,
    environ: dict[str, str],
    has_client: bool,
    in_window: bool,
    opens_browser: bool,
    says_why: bool,
) -> None:
    surface = choose_surface(mode, environ, has_client=has_client, platform="linux")

    assert (surface.in_window, surface.opens_browser) == (in_window, opens_browser)
    assert (surface.why_no_window is not None) == says_why


def test_over_ssh_the_tunnel_is_what_one_types_at_the_other_machine() -> None:
    assert tunnel_command(8600, {**SSH, "USER": "kit"}) == "ssh -L 8600:127.0.0.1:8600 kit@10.0.0.9"
    far = {"SSH_CONNECTION": "fd00::2 50000 fd00::9 22", "USER": "kit"}
    assert tunnel_command(8600, far) == "ssh -L 8600:127.0.0.1:8600 kit@[fd00::9]"


def test_a_client_that_the_person_brought_counts(tmp_path: Path) -> None:
    assert not has_window_client({}, tmp_path, "1.0.5")
    (tmp_path / "flet").write_text("")
    assert has_window_client({"FLET_VIEW_PATH": str(tmp_path)}, tmp_path, "1.0.5")


# -- a client that fails ---------------------------------------------------------------------------


async def never_called(_: ft.Page) -> None:
    raise AssertionError("no client connected")


def bring_client(monkeypatch: pytest.MonkeyPatch, folder: Path, does: str) -> None:
    client = folder / "flet"
    client.write_text(f"#!/bin/sh\n{does}\n")
    client.chmod(0o755)
    monkeypatch.setenv("FLET_VIEW_PATH", str(folder))


async def test_a_client_that_ends_at_once_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_client(monkeypatch, tmp_path, "exit 3")

    why = await show_window(never_called, start_timeout_s=30)

    assert why == "its client ended at once (status 3)"


async def test_a_client_that_hangs_is_ended_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_client(monkeypatch, tmp_path, f"echo $$ > {tmp_path}/id\nexec sleep 600")

    why = await show_window(never_called, start_timeout_s=5)

    assert why == "its client did not start within 5 s"
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "id").read_text()), 0)
