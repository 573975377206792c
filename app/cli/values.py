"""What people type as values of options, read with the domain's own rules.

`none` clears a field that can be empty. What can't be read is a usage error that names the option.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from store.domain.errors import InvalidValue
from store.domain.limits import TEXT_CHARS_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

NONE: Final = "none"
PRIORITY_CHOICE: Final = click.Choice([NONE, "low", "medium", "high"], case_sensitive=False)
_BYTES_PER_CHARACTER_MAX: Final = 4  # in UTF-8


def clearable(text: str) -> str | None:
    """Read a value that `none` clears."""
    return None if text.strip().lower() == NONE else text


def due(text: str, now: datetime) -> str | None:
    """Read `--due`: a date as people write it, or `none`; raises a usage error."""
    from store.domain.due_date import parse_due

    return _usable("--due", lambda: parse_due(text, now=now))


def until_ms(option: str, text: str, now: datetime) -> int:
    """Read when something ends: a day is its end; raises a usage error."""
    from datetime import datetime

    from app.local_time import end_of, unix_ms
    from store.domain.due_date import moment_or_day, parse_due

    read = _usable(option, lambda: parse_due(text, now=now))
    if read is None:
        raise click.BadParameter("say a day or a time.", param_hint=f"'{option}'")
    match moment_or_day(read):
        case datetime() as moment:
            return unix_ms(moment)
        case day:
            return end_of(day, now)


def repeat(text: str) -> str | None:
    """Read `--repeat`: `every week`, an RRULE, or `none`; raises a usage error."""
    if clearable(text) is None:
        return None
    from store.domain.recurrence import parse_rule

    return _usable("--repeat", lambda: parse_rule(text))


def tags(given: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sort `--tag` values into those to add (`a`, `+a`) and those to remove (`-a`).

    Raises:
        click.BadParameter: an empty tag, or one that is both added and removed.
    """
    add: list[str] = []
    remove: list[str] = []
    for each in given:
        name = each[1:] if each.startswith(("+", "-")) else each
        if not name.strip(" #"):
            raise click.BadParameter(
                f"{each!r} has no letters; write +tag to add and -tag to remove.",
                param_hint="'--tag'",
            )
        (remove if each.startswith("-") else add).append(name)
    both = sorted(set(add) & set(remove))
    if both:
        raise click.BadParameter(f"{both[0]!r} is both added and removed.", param_hint="'--tag'")
    return tuple(add), tuple(remove)


def text_of(source: str) -> str:
    """Read a text from a file, or from standard input if the source is `-`.

    Raises:
        InvalidValue: not UTF-8, or longer than a body may be.
        OSError: the file can't be read.
    """
    bytes_max = TEXT_CHARS_MAX * _BYTES_PER_CHARACTER_MAX
    if source == "-":
        name, raw = "Standard input", sys.stdin.buffer.read(bytes_max + 1)
    else:
        name, raw = source, _read_file(Path(source), bytes_max + 1)
    if len(raw) > bytes_max:
        raise InvalidValue(
            f"{name} is longer than the {TEXT_CHARS_MAX} characters a text may have."
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidValue(
            f"{name} is not UTF-8 text (byte {error.start}); save it as UTF-8 and try again."
        ) from None


def _read_file(path: Path, bytes_max: int) -> bytes:
    with path.open("rb") as file:
        return file.read(bytes_max)


def _usable(option: str, read: Callable[[], str | None]) -> str | None:
    try:
        return read()
    except InvalidValue as error:
        raise click.BadParameter(str(error), param_hint=f"'{option}'") from None


def priority(text: str) -> str | None:
    """Read a priority, or `none`; raises a usage error."""
    chosen: str = PRIORITY_CHOICE.convert(text, None, None)
    return clearable(chosen)


def yes_or_no(text: str) -> bool:
    """Read a yes or no as people write it; raises a usage error."""
    chosen: bool = click.BOOL.convert(text, None, None)
    return chosen
