"""Writing the files of an export: whole or not at all, and never over what isn't ours."""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final

from store.interchange.errors import ExportRefused, ExportStopped

_UNFINISHED: Final = ".cairn-unfinished"  # beside the file that it becomes


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its name only when it is complete; its folder is made.

    Raises:
        ExportStopped: the disk or the system said no; what stood at `path` before stays.
    """
    unfinished = path.parent / _UNFINISHED
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with unfinished.open("wb") as file:
                yield file
            unfinished.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            raise
    except OSError as error:
        raise ExportStopped(path, error) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file; raises ExportStopped."""
    with whole_file(path) as file:
        file.write(content)


def shown_entries(folder: Path) -> list[str]:
    """List what a folder holds, hidden entries left out; empty if there is no such folder.

    Raises:
        ExportRefused: it is a file, or can't be read.
    """
    try:
        return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except NotADirectoryError as error:
        raise ExportRefused(f"{folder} is a file; name a folder to export into.") from error
    except OSError as error:
        raise ExportRefused(
            f"{folder} can't be read ({error.strerror}); choose another folder."
        ) from error


def read_json(path: Path) -> object:
    """Read a JSON file of an earlier export; None if there is none, or it is something else."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def refuse_foreign(folder: Path) -> ExportRefused:
    """Say that a folder holds something that no export wrote."""
    return ExportRefused(
        f"{folder} isn't empty, and holds no earlier export; choose an empty or a new folder."
    )


class FolderExport:
    """A folder of exported files with an index, so that the next export can bring it up to date.

    The index holds the hash of each file. A file that was changed since by somebody else stops the
    next export before it writes anything; files whose items are gone are removed.
    """

    def __init__(self, folder: Path, index_name: str) -> None:
        """Look at the folder.

        Raises:
            ExportRefused: it holds what no export wrote.
        """
        self._folder = folder
        self._index = folder / index_name
        self._before = self._read_index(shown_entries(folder))
        self._now: dict[str, str] = {}

    def begin(self, paths: Iterable[PurePosixPath]) -> None:
        """Check that all files can be written, and note down which they will be.

        Raises:
            ExportRefused: a file of this name isn't ours, or isn't as we wrote it.
            ExportStopped: the index can't be written.
        """
        planned = [path.as_posix() for path in paths]
        for name in planned:
            if name not in self._before and (self._folder / name).exists():
                raise ExportRefused(
                    f"{self._folder / name} isn't from an export; move it away, "
                    "or export to another folder."
                )
        for name, digest in self._before.items():
            found = _digest_of(self._folder / name)
            if digest and found and found != digest:
                raise ExportRefused(
                    f"{self._folder / name} was changed since the last export; move it away, "
                    "or export to another folder."
                )
        self._write_index({**dict.fromkeys(planned, ""), **dict.fromkeys(self._before, "")})

    def write(self, path: PurePosixPath, content: bytes) -> None:
        """Write one of the files; one that holds just this already isn't touched."""
        name, digest = path.as_posix(), hashlib.sha256(content).hexdigest()
        if self._before.get(name) != digest or not (self._folder / name).exists():
            write_whole(self._folder / path, content)
        self._now[name] = digest

    def finish(self) -> None:
        """Remove the files whose items are gone, and write the index."""
        for name in self._before.keys() - self._now.keys():
            gone = self._folder / name
            try:
                gone.unlink(missing_ok=True)
            except OSError as error:
                raise ExportStopped(gone, error) from error
            self._remove_empty(gone.parent)
        self._write_index(self._now)

    def _remove_empty(self, folder: Path) -> None:
        while folder != self._folder:
            try:
                folder.rmdir()
            except OSError:  # it isn't empty: its files stay, and so does it
                return
            folder = folder.parent

    def _read_index(self, entries: list[str]) -> dict[str, str]:
        if not entries:
            return {}
        index = read_json(self._index)
        files = index.get("files") if isinstance(index, dict) else None
        if not isinstance(files, dict):
            raise refuse_foreign(self._folder)
        return {name: str(digest) for name, digest in files.items() if _stays_inside(name)}

    def _write_index(self, files: Mapping[str, str]) -> None:
        said = {"format": "cairn-markdown", "version": 1, "files": dict(sorted(files.items()))}
        text = json.dumps(said, ensure_ascii=False, indent=1)
        write_whole(self._index, text.encode() + b"\n")


def _stays_inside(name: str) -> bool:
    """Guard against an index that somebody wrote by hand to have other files removed."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and path.suffix != ""


def _digest_of(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
