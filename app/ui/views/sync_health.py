"""Sync health: how consistent this home is, over time, and what there is to do about it.

It shows what `cairn health` prints, with the course of each measure as a chart. Nothing is asked of
the network for it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import flet as ft

from app import health_shapes
from app.health_words import (
    RATES_AND_TIMES,
    TOTALS,
    sorts_words,
    standing_words,
    value_words,
)
from app.local_time import moment_words
from app.ui.components.controls import heading, keyed, quiet, reading
from app.ui.components.course_chart import CourseChart, Line
from app.ui.effects import use_work
from app.ui.lid import Lid, lid
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.view_model import Layout
from app.ui.views.header import Header
from app.ui.views.thresholds import AlertThresholds
from app.ui.words import peer_place
from store.domain.measures.alerts import Alert
from store.domain.measures.course import rate_course, runs, time_course
from store.domain.measures.health import Health, RateReading, Sums
from store.domain.measures.thresholds import Thresholds
from store.domain.measures.windows import HOUR, WINDOWS, Window
from store.replica import Replica
from store.rows import PeerRow

_LOOK_EVERY_S: Final = 60.0
_QUANTILES: Final = (
    ("p50", "p50_ms", ft.Colors.PRIMARY, None),
    ("p95", "p95_ms", ft.Colors.TERTIARY, (6, 3)),
    ("p99", "p99_ms", ft.Colors.ERROR, (2, 3)),
)
_SEGMENTS: Final = {"1h": "1 hour", "24h": "24 hours", "30d": "30 days"}


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows, of one moment."""

    health: Health
    alerts: tuple[Alert, ...]
    thresholds: Thresholds
    course: tuple[tuple[int, Sums], ...]
    peers: tuple[PeerRow, ...]
    lid: Lid


@ft.component
def SyncHealthScreen(session: Session, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the screen."""
    name, set_name = ft.use_state(HOUR.name)

    def chosen(event: Any) -> None:
        set_name(event.control.selected[0])

    choice = ft.Container(
        padding=ft.Padding.symmetric(horizontal=20),
        content=ft.SegmentedButton(
            segments=[ft.Segment(value=key, label=said) for key, said in _SEGMENTS.items()],
            selected=[name],
            show_selected_icon=False,
            on_change=chosen,
        ),
    )
    window = next(each for each in WINDOWS if each.name == name)
    return ft.Column(
        [Header(session, "Sync health"), choice, keyed(Body, name, session, window, layout)],
        expand=True,
        spacing=0,
    )


@ft.component
def Body(session: Session, window: Window, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw what was measured in a window, and how things stand now."""
    minute = use_minutes(session)
    page = use_query(
        session,
        lambda replica: read_page(replica, window),
        on=("sync", "items", "settings"),
        given=(minute,),
        keep=True,
    )
    if page is None:
        return ft.Container(expand=True)
    parts = [
        *_alerts(page.alerts),
        ft.Text(f"{page.lid.words}. {page.lid.sentence}"),
        _exports(session, page),
        heading("Synced with", level=2),
        *_peers(session, page.peers),
        ft.Divider(),
        *(
            _measure(page, window, measure, said)
            for measure, said in RATES_AND_TIMES.items()
            if measure in page.health.times or measure in page.health.rates
        ),
        ft.Divider(),
        heading("Now", level=2),
        *(ft.Text(f"{name}: {value}") for name, value in _facts(page, window)),
        AlertThresholds(session, page.thresholds),
    ]
    return ft.ListView(
        controls=[reading(part, wide=layout.wide) for part in parts],
        padding=20,
        spacing=12,
        expand=True,
    )


def use_minutes(session: Session) -> int:
    """Count minutes while the part is shown, as a window moves on without any news; a hook."""
    minute, set_minute = ft.use_state(0)

    async def count() -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            set_minute(lambda before: before + 1)

    use_work(session, count)
    return minute


def read_page(replica: Replica, window: Window) -> Page:
    """Ask the replica for all that the page shows."""
    health, status = replica.health(), replica.status()
    return Page(
        health,
        replica.alerts(health),
        replica.thresholds(),
        tuple((each.start_ms, each.sums) for each in replica.measure_course(window)),
        status.peers,
        lid(status, replica.safe_to_close(known=status)),
    )


def _alerts(alerts: Sequence[Alert]) -> list[ft.Control]:
    if not alerts:
        return [ft.Text("All is well: no measure is above its threshold.")]
    return [
        ft.Container(
            ft.Row(
                [
                    ft.Icon(
                        ft.Icons.ERROR if alert.severity == "high" else ft.Icons.WARNING_AMBER,
                        color=ft.Colors.ON_ERROR_CONTAINER,
                    ),
                    ft.Text(alert.words, expand=True, color=ft.Colors.ON_ERROR_CONTAINER),
                ],
                spacing=12,
            ),
            bgcolor=ft.Colors.ERROR_CONTAINER,
            border_radius=12,
            padding=12,
        )
        for alert in alerts
    ]


def _exports(session: Session, page: Page) -> ft.Control:
    def saver(name: str, text: str) -> Any:
        async def save() -> None:
            await ft.FilePicker().save_file(file_name=name, src_bytes=text.encode("utf-8"))

        return session.handler(save)

    as_json = health_shapes.as_json(page.health, page.alerts, page.thresholds)
    as_csv = health_shapes.as_csv(page.health)
    return ft.Row(
        [
            ft.OutlinedButton("Export as JSON", on_click=saver("cairn-health.json", as_json)),
            ft.OutlinedButton("Export as CSV", on_click=saver("cairn-health.csv", as_csv)),
        ],
        wrap=True,
    )


def _measure(page: Page, window: Window, name: str, said: str) -> ft.Control:
    times = page.health.times.get(name)
    reading = (times or page.health.rates[name])[window.name]
    lines, unit = _time_lines(page, window, name) if times else _rate_lines(page, window, name)
    words = value_words(reading)
    parts: list[ft.Control] = [
        heading(said, level=2),
        ft.Text(f"{words}  (p50 · p95 · p99)" if times and lines else words),
    ]
    sorts = sorts_words(reading) if isinstance(reading, RateReading) else ""
    if sorts:
        parts.append(quiet(f"Of which: {sorts}"))
    if lines:
        ends = (f"{_SEGMENTS[window.name]} ago", "now")
        parts.append(CourseChart(lines, steps=window.steps, ends=ends, unit=unit))
    else:
        parts[1] = quiet(f"Nothing to measure in {window.words}.")
    return ft.Column(parts, spacing=10)


def _time_lines(page: Page, window: Window, name: str) -> tuple[list[Line], str]:
    parted = runs(time_course(page.course, window, page.health.at_ms, name))
    if not parted:
        return [], "s"
    highest_ms = max(point.reading.p99_ms or 0.0 for run in parted for point in run)
    unit, scale = ("s", 1000.0) if highest_ms >= 1_000 else ("ms", 1.0)
    lines = [
        Line(
            label,
            color,
            dashes,
            [[(each.step, getattr(each.reading, key) / scale) for each in run] for run in parted],
        )
        for label, key, color, dashes in _QUANTILES
    ]
    return lines, unit


def _rate_lines(page: Page, window: Window, name: str) -> tuple[list[Line], str]:
    parted = runs(rate_course(page.course, window, page.health.at_ms, name))
    if not parted:
        return [], "%"
    values = [[(each.step, (each.reading.value or 0.0) * 100) for each in run] for run in parted]
    return [Line("part of all", ft.Colors.PRIMARY, None, values)], "%"


def _facts(page: Page, window: Window) -> list[tuple[str, str]]:
    totals = [
        (said, f"{page.health.totals[name][window.name].part} in {window.words}")
        for name, said in TOTALS.items()
    ]
    return [*standing_words(page.health.now), *totals]


def _peers(session: Session, peers: Sequence[PeerRow]) -> list[ft.Control]:
    if not peers:
        return [quiet("Nothing here is shared: no space has a server.")]
    now = session.now()
    return [
        ft.Column(
            [
                ft.Text(f"{peer.space} {peer_place(peer)}"),
                quiet(_peer_words(peer, now)),
                *([ft.Text(peer.error, color=ft.Colors.ERROR)] if peer.error else []),
            ],
            spacing=2,
            tight=True,
        )
        for peer in peers
    ]


def _peer_words(peer: PeerRow, now: datetime) -> str:
    seen = (
        "it never answered yet"
        if peer.last_seen_at_ms is None
        else f"answered {moment_words(peer.last_seen_at_ms, now)}"
    )
    return f"{seen} · {peer.push_pending} waiting for it"
