"""From when on the measures of this home are worth an alert: each can be changed, and put back."""

from typing import Final

import flet as ft

from app.ui.components.controls import explained, keyed
from app.ui.components.saved_field import Save, SavedField
from app.ui.session import Session
from store.domain.errors import InvalidValue
from store.domain.measures.thresholds import Thresholds
from store.replica import Replica

_FIELD_WIDTH_PX: Final = 340
# What a person reads, and how many of its units are one of the threshold's.
_FIELDS: Final = {
    "lag_s": ("Lag to connected devices (s)", 1),
    "anti_entropy_s": ("Duration of a round (s)", 1),
    "conflict_rate": ("Conflicts per change (%)", 100),
    "stale_read_rate": ("Stale readings (%)", 100),
    "retry_rate": ("Rounds tried again (%)", 100),
    "compensation_rate": ("Bookings taken back (%)", 100),
    "pending_sagas": ("Bookings under way", 1),
    "saga_stuck_s": ("Stuck after (s)", 1),
    "stuck_sagas": ("Stuck bookings that are severe", 1),
    "probe_timeout_s": ("Time to confirm a probe (s)", 1),
}


@ft.component
def AlertThresholds(session: Session, now: Thresholds) -> ft.Control:  # noqa: N802
    """Draw them behind a tap: who never looks keeps Cairn's."""
    opened, set_opened = ft.use_state(False)

    async def toggle() -> None:
        set_opened(not opened)

    async def put_back() -> None:
        await session.act(
            lambda replica: replica.reset_thresholds(), said="They are Cairn's again."
        )

    words = "Hide when to warn" if opened else "When to warn…"
    button = ft.Row([ft.TextButton(words, on_click=session.handler(toggle))])
    if not opened:
        return button
    fields = [
        ft.Container(
            keyed(SavedField, name, label, _shown(now, name), _saver(session, name), session),
            width=_FIELD_WIDTH_PX,
        )
        for name, (label, _) in _FIELDS.items()
    ]
    back = ft.OutlinedButton(
        "Back to Cairn's own", disabled=now == Thresholds(), on_click=session.handler(put_back)
    )
    said = explained("An alert stands above as soon as a measure is higher. For this device only.")
    return ft.Column([button, said, *fields, ft.Row([back])], spacing=10)


def _shown(now: Thresholds, name: str) -> str:
    return f"{getattr(now, name) * _FIELDS[name][1]:g}"


def _saver(session: Session, name: str) -> Save:
    label, units = _FIELDS[name]

    async def save(text: str, _: str) -> bool | None:
        def change(replica: Replica) -> bool:
            replica.set_thresholds({name: _number(label, text) / units})
            return True

        return await session.act(change)

    return save


def _number(label: str, text: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        raise InvalidValue(f"{label}: write a number of 0 or more.", field="threshold") from None
