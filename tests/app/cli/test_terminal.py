"""At a terminal: colours and wrapping; progress that a log or a script never sees."""

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app.cli.progress import Progress
from app.cli.render.cells import cell, styled
from app.cli.render.conflicts import conflict_list
from app.cli.render.items import task_list
from app.cli.render.page import Page
from tests.app.cli.rows import conflict_row, side, task_row

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Terminal(io.StringIO):
    """Standard output or error that is a person's screen."""

    def isatty(self) -> bool:
        return True


Show = Callable[[Callable[[], str]], str]


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Draw where standard output is a terminal of 40 columns that knows colours."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")

    def show(draw: Callable[[], str]) -> str:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", Terminal())
            return draw()

    return show


def test_a_terminal_gets_colours(at_a_terminal: Show) -> None:
    assert "\x1b[" in at_a_terminal(lambda: task_list([task_row(due="2020-01-01")], NOW))


def test_no_color_is_respected(at_a_terminal: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31m" not in at_a_terminal(lambda: task_list([task_row(due="2020-01-01")], NOW))


def test_what_is_wider_than_the_terminal_is_wrapped_and_nothing_is_cut(at_a_terminal: Show) -> None:
    page = Page().table([[styled("id", ""), cell("word " * 30 + "end")]])

    shown = at_a_terminal(page.written)

    assert max(map(len, shown.splitlines())) <= 40
    assert shown.split().count("word") == 30
    assert shown.rstrip().endswith("end")


def test_a_conflict_has_its_sides_beside_each_other(at_a_terminal: Show) -> None:
    row = conflict_row(side("2026-11-24", "Ada", shown=True), side("2026-11-28", "Bob"))

    lines = at_a_terminal(lambda: conflict_list([row], NOW, settled=False)).splitlines()

    assert any("0 · shown now" in line and "1" in line for line in lines)


def test_markup_in_a_title_is_text(at_a_terminal: Show) -> None:
    assert "[b]x[/b]" in at_a_terminal(Page().line("[b]x[/b]").written)


def test_columns_line_up_under_wide_letters() -> None:
    lines = Page().table([[cell("山小屋"), cell("a")], [cell("hut"), cell("b")]]).written()
    assert lines.splitlines() == ["山小屋  a", "hut     b"]


def test_a_cell_of_several_lines_stays_in_its_column() -> None:
    shown = Page().table([[cell("1\n2"), cell("x")], [cell("3"), cell("y")]]).written()
    assert shown.splitlines() == ["1  x", "2", "3  y"]


def clock(*readings: float) -> Callable[[], float]:
    """Make a clock that gives these readings, one after the other."""
    return iter(readings).__next__


def test_what_is_over_within_a_second_shows_no_progress(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Progress("Importing", clock=clock(0.0, 0.5, 0.9)) as tell:
        tell(1, 3)
        tell(2, 3)
    assert capsys.readouterr() == ("", "")


def test_a_log_gets_a_line_now_and_then_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Progress("Importing", clock=clock(0.0, 1.5, 2.0, 7.0)) as tell:
        for done in (1, 2, 3):
            tell(done, 30)
    assert capsys.readouterr() == ("", "Importing … 1 of 30\nImporting … 3 of 30\n")


def test_on_a_terminal_progress_is_one_line_that_is_wiped_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with Progress("Importing", clock=clock(0.0, 1.5)) as tell:
        tell(1, 30)
    assert screen.getvalue() == "\rImporting … 1 of 30\r" + " " * 19 + "\r"
