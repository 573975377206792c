"""A chart of how a measure went: lines over stretches of time, with gaps where nothing was sampled.

What it shows stands beside it in words, so it is left out of what screen readers hear.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import flet as ft
import flet_charts as fch  # type: ignore[import-untyped]

HEIGHT_PX: Final = 150
_DOTS_MAX: Final = 60  # more than that of a line are drawn without dots


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart.

    Attributes:
        name: stands in the legend and the tooltips.
        color: a role of the theme.
        dashes: lengths of dash and gap, so that lines differ by more than their colour; or None.
        runs: points (stretch, value), parted where stretches between them are missing.
    """

    name: str
    color: str
    dashes: tuple[int, int] | None
    runs: Sequence[Sequence[tuple[int, float]]]


def CourseChart(  # noqa: N802 - drawn like a component
    lines: Sequence[Line], *, steps: int, ends: tuple[str, str], unit: str
) -> ft.Control:
    """Draw lines over `steps` stretches.

    Args:
        lines: at least one of them has a point.
        steps: how many stretches the window has.
        ends: what stands below its two ends.
        unit: of the values.
    """
    highest = max(value for line in lines for run in line.runs for _, value in run)
    chart = fch.LineChart(
        data_series=[_series(line, run, unit) for line in lines for run in line.runs],
        min_x=0,
        max_x=steps - 1,
        min_y=0,
        max_y=_ceiling(highest),
        interactive=True,
        animation=ft.Animation(0),
        horizontal_grid_lines=fch.ChartGridLines(
            interval=_ceiling(highest) / 2, color=ft.Colors.OUTLINE_VARIANT, width=1
        ),
        left_axis=fch.ChartAxis(
            labels=[
                fch.ChartAxisLabel(value, _small(f"{value:g}"))
                for value in (0, _ceiling(highest) / 2, _ceiling(highest))
            ],
            label_size=48,
        ),
        bottom_axis=fch.ChartAxis(show_labels=False),
        top_axis=fch.ChartAxis(show_labels=False),
        right_axis=fch.ChartAxis(show_labels=False),
        height=HEIGHT_PX,
    )
    begins, now = ends
    return ft.Semantics(
        exclude_semantics=True,
        content=ft.Column(
            [
                chart,
                ft.Row(
                    [_small(begins), _legend(lines, unit), _small(now)],
                    alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
                ),
            ],
            spacing=8,
        ),
    )


def _series(line: Line, run: Sequence[tuple[int, float]], unit: str) -> fch.LineChartData:
    return fch.LineChartData(
        points=[
            fch.LineChartDataPoint(step, value, tooltip=f"{line.name} {value:.3g} {unit}")
            for step, value in run
        ],
        color=line.color,
        stroke_width=2,
        dash_pattern=None if line.dashes is None else list(line.dashes),
        point=len(run) <= _DOTS_MAX and line.dashes is None,
    )


def _legend(lines: Sequence[Line], unit: str) -> ft.Control:
    return ft.Row(
        [
            *(
                ft.Text(
                    f"{'- -' if line.dashes else '—'} {line.name}",
                    theme_style=ft.TextThemeStyle.BODY_SMALL,
                    color=line.color,
                )
                for line in lines
            ),
            _small(unit),
        ],
        spacing=12,
    )


def _small(text: str) -> ft.Text:
    return ft.Text(
        text, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT
    )


def _ceiling(highest: float) -> float:
    """The next of 1, 2, 5, 10, ... at or above a value."""
    if highest <= 0:
        return 1.0
    power = 1.0
    while power * 10 <= highest:
        power *= 10
    while power > highest:
        power /= 10
    return next(power * step for step in (1, 2, 5, 10) if power * step >= highest)
