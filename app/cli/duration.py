"""Spans of time as people type them: `7d`, `12h`, `30m`."""

import re
from typing import Final

import click

_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
_SPAN: Final = re.compile(r"(\d{1,9})\s*([smhdw])", re.ASCII | re.IGNORECASE)


class Span(click.ParamType[int]):
    """A number and a unit; becomes seconds."""

    name = "span"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Read a span; a usage error says what one looks like."""
        found = _SPAN.fullmatch(str(value).strip())
        if found is None or int(found[1]) == 0:
            self.fail(f"{str(value)!r} is no span of time; write 7d, 12h or 30m.", param, ctx)
        return int(found[1]) * _SECONDS[found[2].lower()]
