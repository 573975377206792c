"""Which program is started for the window."""

import sys
from pathlib import Path

import flet as ft
import pytest

from app.ui.window import show_window

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a shell script as the client")


def a_program(path: Path) -> Path:
    """A client that only notes that it was started; gives where."""
    path.parent.mkdir(parents=True)
    path.write_text('#!/bin/sh\ntouch "$0.started"\n', encoding="utf-8")
    path.chmod(0o755)
    return path.with_name(path.name + ".started")


async def never(page: ft.Page) -> None:
    raise AssertionError("nobody connects")


async def test_a_program_in_the_folder_where_one_stands_is_not_taken_for_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flet looks into ./build first, which is for its developers; that may be anybody's folder."""
    strangers = a_program(tmp_path / "here/build/linux/game")
    ours = a_program(tmp_path / "client/flet")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("FLET_VIEW_PATH", str(tmp_path / "client"))

    why_not = await show_window(never, start_timeout_s=10)

    assert why_not is not None
    assert "ended at once" in why_not
    assert ours.exists()
    assert not strangers.exists()
    assert Path.cwd() == tmp_path / "here"
