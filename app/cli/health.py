"""`cairn health`: the measures of this home, the alerts, and when to raise them."""

from __future__ import annotations

from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import health_shapes
from app.cli.parameters import command

if TYPE_CHECKING:
    from app.cli.session import Session


@command("health")
@click.option(
    "--export",
    "export_to",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the measures to FILE, as its name ends: .json or .csv.",
)
@click.option(
    "--alert-above",
    "changed",
    multiple=True,
    metavar="NAME=NUMBER",
    help="Change a threshold (s, or a part of one); may be repeated. --json names them.",
)
@click.option("--default-alerts", is_flag=True, help="Go back to the thresholds of Cairn.")
def health(
    session: Session, export_to: Path | None, changed: tuple[str, ...], default_alerts: bool
) -> None:
    """Show how consistent this home is: lag, conflicts, stale reads, retries, and what to do.

    Measured on this device, over the last hour, day and 30 days; nothing is asked of the network.
    """
    form = None if export_to is None else _form_of(export_to)
    given = dict(_threshold(each) for each in changed)
    replica = session.replica
    if default_alerts:
        replica.reset_thresholds()
    if given:
        replica.set_thresholds(given)
    row, thresholds = replica.health(), replica.thresholds()
    alerts = replica.alerts(row)
    if export_to is not None:
        written = (
            health_shapes.as_csv(row)
            if form == ".csv"
            else health_shapes.as_json(row, alerts, thresholds)
        )
        export_to.write_text(written, encoding="utf-8")

    def text() -> str:
        from app.cli.render.health import health_page

        page = health_page(row, alerts)
        return page if export_to is None else f"{page}\nWrote {export_to}."

    session.answer(health_shapes.health(row, alerts, thresholds), text)


def _threshold(text: str) -> tuple[str, float]:
    name, equals, number = text.partition("=")
    try:
        value = float(number)
    except ValueError:
        value = nan
    if not equals or isnan(value):
        raise click.BadParameter(
            f"{text!r} is not NAME=NUMBER, as in lag_s=10.", param_hint="'--alert-above'"
        )
    return name.strip(), value


def _form_of(path: Path) -> str:
    form = path.suffix.lower()
    if form not in (".json", ".csv"):
        raise click.BadParameter(
            f"{path.name} ends in neither .json nor .csv.", param_hint="'--export'"
        )
    return form
