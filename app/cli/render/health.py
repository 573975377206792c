"""The measures on a page: what should be done first, then numbers with what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.render.cells import Cell, Span, cell, styled
from app.cli.render.page import Page
from app.health_words import RATES_AND_TIMES, TOTALS, sorts_of, standing_words, value_words
from store.domain.measures.windows import MONTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from store.domain.measures.alerts import Alert
    from store.domain.measures.health import Health, RateReading, TimeReading

_COLOURS: Final = {"warning": "yellow", "high": "bold red"}


def health_page(row: Health, alerts: Sequence[Alert]) -> str:
    """Show the alerts, the measures by window, and how things stand."""
    page = Page()
    if not alerts:
        page.line(Span("All well: no measure is above its threshold.", "green"))
    for alert in alerts:
        page.line(Span(f"! {alert.words}", _COLOURS[alert.severity]))
    page.line("")
    page.table(_measures(row), headers=("", "1 h", "24 h", "30 d"))
    page.line("")
    page.table((styled(name, "bold"), cell(value)) for name, value in standing_words(row.now))
    return page.written()


def _measures(row: Health) -> list[tuple[Cell, ...]]:
    readings: dict[str, Mapping[str, TimeReading | RateReading]] = {**row.times, **row.rates}
    rows: list[tuple[Cell, ...]] = []
    for name, words in RATES_AND_TIMES.items():
        if name in readings:
            values = (cell(value_words(each)) for each in readings[name].values())
            rows += [(styled(words, "bold"), *values), *_sorts(row.rates.get(name, {}))]
    for name, words in TOTALS.items():
        totals = row.totals[name]
        counts = (cell(str(each.part)) for each in totals.values())
        rows += [(styled(words, "bold"), *counts), *_sorts(totals)]
    return rows


def _sorts(by_window: Mapping[str, RateReading]) -> list[tuple[Cell, ...]]:
    """A line for each sort that most of it was of, with its number in each window."""
    month = by_window.get(MONTH.name)
    return [
        (
            styled(f"  {label}", "dim"),
            *(cell(str(each.by.get(label, 0))) for each in by_window.values()),
        )
        for label, _ in (() if month is None else sorts_of(month))
    ]
