"""The measures on a page: what should be done first, then numbers with what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.render.page import Cell, Page, Span, cell, styled
from app.health_words import RATES_AND_TIMES, TOTALS, standing_words, value_words

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
    rows = [
        (styled(words, "bold"), *(cell(value_words(each)) for each in readings[name].values()))
        for name, words in RATES_AND_TIMES.items()
        if name in readings
    ]
    rows += [
        (styled(words, "bold"), *(cell(str(each.part)) for each in row.totals[name].values()))
        for name, words in TOTALS.items()
    ]
    return rows
