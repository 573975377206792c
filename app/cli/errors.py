"""The border of the command line: what went wrong becomes one line and an exit status.

    0   done
    1   refused by a rule, or not found
    2   usage
    3   the network or the server did not answer in time; what was asked is kept and will be sent
    4   done, but something needs a person (`sync`, `import`)
    130 interrupted (Ctrl+C)

A line is `cairn: one sentence`; with `--json` it is `{"error": {"type", "title", "detail"}}`.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from app.json_shapes import encode
from store.domain.errors import DomainError

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
UNREACHABLE: Final = 3
NEEDS_A_PERSON: Final = 4
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141  # what a shell reports for SIGPIPE

DETAIL_CHARS_MAX: Final = 2_000  # a line, not a page; long input is quoted in some messages


@dataclass(frozen=True, slots=True)
class Failure:
    """What a person or a script is told of an error."""

    status: int
    type: str
    title: str
    detail: str

    def written(self, *, as_json: bool) -> str:
        """Write it as one line, without its end."""
        detail = one_line(self.detail)
        if as_json:
            return encode({"error": {"type": self.type, "title": self.title, "detail": detail}})
        return f"cairn: {detail}"


def report(error: BaseException, *, as_json: bool) -> int:
    """Tell standard error what went wrong and give the exit status."""
    failure = failure_of(error)
    if os.environ.get("CAIRN_DEBUG"):
        import traceback

        traceback.print_exception(error)
    sys.stderr.write(failure.written(as_json=as_json) + "\n")
    return failure.status


def failure_of(error: BaseException) -> Failure:
    """Say what an error means to whoever typed the command."""
    from store.errors import StoreError
    from sync.errors import SyncError, Transient

    match error:
        case click.UsageError():
            return Failure(USAGE, "usage", "Not a valid command line", _usage(error))
        case Transient():
            return Failure(UNREACHABLE, error.type, error.title, error.detail)
        case DomainError() | StoreError() | SyncError():
            return Failure(REFUSED, error.type, error.title, error.detail)
        case KeyboardInterrupt():
            return Failure(INTERRUPTED, "interrupted", "Interrupted", "Interrupted.")
        case OSError():
            return Failure(REFUSED, "file", "Not usable", file_problem(error))
    name = type(error).__name__
    detail = f"Cairn itself went wrong ({name}: {error}); CAIRN_DEBUG=1 shows where."
    return Failure(REFUSED, "internal", "A fault of Cairn", detail)


def file_problem(error: OSError) -> str:
    """Say what is wrong with a file, naming it, and what to do."""
    if error.filename is None:
        return f"The system refused ({error.strerror or error})."
    name = os.fsdecode(error.filename)
    match error:
        case FileNotFoundError():
            folder = Path(name).parent
            return f"There is no {name if folder.is_dir() else f'folder {folder}'}; check the path."
        case IsADirectoryError():
            return f"{name} is a folder; name a file."
        case NotADirectoryError():
            return f"{name} is no folder; name one."
        case PermissionError():
            return f"{name} may not be read or written; check its permissions."
    return f"{name} can't be used ({error.strerror or error})."


def one_line(text: str) -> str:
    """Put a message on one line: no breaks, no control characters, not without end."""
    flat = re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+", " ", text).strip()
    return flat if len(flat) <= DETAIL_CHARS_MAX else flat[:DETAIL_CHARS_MAX] + "…"


def _usage(error: click.UsageError) -> str:
    message = error.format_message().rstrip()
    if not message.endswith((".", "?", "!", "?)")):
        message += "."
    if error.ctx is not None:
        message += f" See {error.ctx.command_path} --help."
    return message
