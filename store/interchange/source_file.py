"""Reads one file of another program whole, or says in one sentence why that can't be."""

from pathlib import Path
from typing import Final

from store.interchange.errors import ImportRefused

BYTES_MAX: Final = 256 * 1024 * 1024  # a hundred thousand tasks with their texts
NO_UTF8: Final = "is no UTF-8 text; save it as UTF-8 and import it again"


def bytes_of(path: Path) -> bytes:
    """Read a file; raises ImportRefused."""
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES_MAX + 1)
    except FileNotFoundError as missing:
        raise ImportRefused(f"There is nothing at {path}; check the path.") from missing
    except IsADirectoryError as error:
        raise ImportRefused(f"{path} is a folder; name the file.") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ImportRefused(f"{path} can't be read ({why}).") from error
    if len(raw) > BYTES_MAX:
        raise ImportRefused(f"{path} is larger than {BYTES_MAX:,} bytes; split it.")
    return raw


def text_of(path: Path) -> str:
    r"""Read a UTF-8 file, line breaks as `\n`, without byte order mark; raises ImportRefused."""
    raw = bytes_of(path)
    if b"\x00" in raw:
        raise ImportRefused(f"{path} is no text, whatever its name says.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ImportRefused(f"{path} {NO_UTF8}.") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
