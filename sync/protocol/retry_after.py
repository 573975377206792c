"""How long a gateway asks to wait: the header Retry-After (RFC 9110, section 10.2.3).

A Cairn server says it in its problem. What stands before one (nginx, Caddy, a provider) has only
the header: seconds, or a date. That is read against the date of the same answer, never against the
clock of this device, which may be years off.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_TOO_MANY = 429


def asked_wait_s(status: int, headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait, unbounded; None where it asks for nothing of use.

    Args:
        status: only of those that say "not now" (429 and 5xx) the header is believed.
        headers: names in lower case.
    """
    text = headers.get("retry-after", "").strip()
    if not text or not (status == _TOO_MANY or status >= 500):
        return None
    if text.isascii() and text.isdigit():
        return float(text[:12])
    until, sent = _date(text), _date(headers.get("date", ""))
    if until is None or sent is None:
        return None
    return max(0.0, (until - sent).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a header of some stranger's: no date, then
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
