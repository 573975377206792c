"""The log of a home: what the program did, a line of JSON each, kept where a person can find it.

A line says what happened in words of the program, and with which ids and numbers. Whatever else was
to be said (a sentence for a person, an address, a path) is left out as it is written, so that
nothing private has to be taken out later. An error is its type and where it was raised.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final

LOG_FILE: Final = "cairn.log"
LOG_BYTES_MAX: Final = 512 << 10  # then a new one is begun, and one older is kept
LEFT_OUT: Final = "-"
_LOGGERS: Final = ("cairn", "app")
_PLAIN: Final = re.compile(r"[a-z0-9_-]{1,64}")  # ids, names of states: nothing that people type


class _Harmless(logging.Formatter):
    """Writes a record as a line of JSON that names nobody and nothing."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "said": record.msg if isinstance(record.msg, str) else LEFT_OUT,
            "with": [_harmless(each) for each in _given(record)],
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _error(record.exc_info[1])
        return json.dumps(line, separators=(",", ":"))


@contextmanager
def kept_log(home: Path) -> Iterator[None]:
    """Keep what is logged within the block in a home's log file; warnings stay where they went."""
    home.mkdir(parents=True, exist_ok=True)
    kept = RotatingFileHandler(
        home / LOG_FILE, maxBytes=LOG_BYTES_MAX, backupCount=1, encoding="utf-8", delay=True
    )
    kept.setFormatter(_Harmless())
    handlers: list[logging.Handler] = [kept]
    root = logging.getLogger()
    if not root.handlers and logging.lastResort is not None:
        handlers.append(logging.lastResort)  # which writes only where there is no handler at all
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.INFO)
        for handler in handlers:
            logger.addHandler(handler)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
            for handler in handlers:
                logger.removeHandler(handler)
        kept.close()


def read_log(home: Path, lines_max: int) -> list[dict[str, Any]]:
    """Read the last lines of a home's log; what this program did not write is left out."""
    found: list[dict[str, Any]] = []
    for path in (home / f"{LOG_FILE}.1", home / LOG_FILE):
        if path.exists():
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [line for line in map(_line, text.splitlines()) if line is not None]
    return found[-lines_max:]


def _line(text: str) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) and "said" in line else None


def _given(record: logging.LogRecord) -> Iterable[object]:
    given = record.args or ()
    return given.values() if isinstance(given, dict) else given


def _harmless(value: object) -> str | int | float:
    if isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if _PLAIN.fullmatch(text) else LEFT_OUT


def _error(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "type": type(error).__name__,
        "raised": [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames],
    }
