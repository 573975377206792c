"""What a disk may hold after the power went: everything synced, and any part of what was not.

A run's system calls are logged with the bytes that they write. From the log a model of the disk is
played up to some call: what `fsync` has returned for is durable; of the writes and truncations
since then each file keeps any subset, and a write may be torn between sectors. A file that was
made, or taken away, is so only once its directory was synced, else by chance. So whatever the
product needs to be on the disk it has to sync before it says that something is saved.

Only the files of a database are played; the system's own order of writes is not relied on.
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

SECTOR: Final = 512
LOGGED: Final = ("pwrite64", "ftruncate", "fsync", "fdatasync", "unlink", "openat", "write")
STRING_BYTES_MAX: Final = 1 << 20  # of a write, as strace prints it
_LINE: Final = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$")
_FD: Final = re.compile(r"^(\d+)<([^>]*)>")
_WRITE: Final = re.compile(r'^\d+<[^>]*>, "((?:\\x[0-9a-f]{2})*)", \d+, (\d+)')
_TRUNCATE: Final = re.compile(r"^\d+<[^>]*>, (\d+)")
_TOLD: Final = re.compile(r'^1<[^>]*>, "((?:\\x[0-9a-f]{2})*)"')
_PATH: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the disk, or was told.

    Attributes:
        kind: `write`, `truncate`, `sync`, `unlink`, `create` or `tell`.
        path: of the file; of the directory where one is synced.
        content: bytes written, or told.
        at: where they were written, or the size that was truncated to.
    """

    kind: str
    path: str = ""
    content: bytes = b""
    at: int = 0


def logging_command(command: Sequence[str], *, log: Path) -> list[str]:
    """Write the command that runs another one and logs what it does to files, with the bytes."""
    calls = ",".join(f"?{call}" for call in LOGGED)
    traced = ["-e", f"trace={calls}", "-e", "signal=none", "-xx", "-y"]
    return ["strace", "-f", *traced, "-s", str(STRING_BYTES_MAX), "-o", str(log), "-D", *command]


def events_of(log: Path, folder: Path) -> list[Event]:
    """Read what happened to the database files in a folder, in order, and what was told."""
    return [
        event
        for event in _events(log)
        if event.kind == "tell"
        or event.path == str(folder)
        or (Path(event.path).parent == folder and ".db" in Path(event.path).name)
    ]


def _events(log: Path) -> Iterator[Event]:
    running: dict[str, str] = {}  # a call that has not returned yet, by thread
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            found = _LINE.match(line)
            if found is None:
                continue
            thread, name, rest = found.groups()
            if "<... " not in line:
                running[thread] = rest
                yield from _begun(name, rest)
            if "<unfinished" not in line:
                yield from _ended(name, running.pop(thread, ""))


def _begun(name: str, rest: str) -> Iterator[Event]:
    about = _FD.match(rest)
    path = _plain(about[2]) if about else ""
    if name == "pwrite64" and (wrote := _WRITE.match(rest)):
        yield Event("write", path, _bytes(wrote[1]), int(wrote[2]))
    elif name == "ftruncate" and (cut := _TRUNCATE.match(rest)):
        yield Event("truncate", path, at=int(cut[1]))
    elif name == "write" and (told := _TOLD.match(rest)):
        yield Event("tell", content=_bytes(told[1]))
    elif name == "unlink" and (gone := _PATH.search(rest)):
        yield Event("unlink", _bytes(gone[1]).decode())
    elif name == "openat" and "O_CREAT" in rest and (made := _PATH.search(rest)):
        yield Event("create", _bytes(made[1]).decode())


def _ended(name: str, rest: str) -> Iterator[Event]:
    about = _FD.match(rest)
    if name in ("fsync", "fdatasync") and about:
        yield Event("sync", _plain(about[2]))


def _plain(path: str) -> str:
    """Read a path that strace may have written in hexadecimal."""
    return _bytes(path).decode() if path.startswith("\\x") else path


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass
class File:
    """A file: what is durable, and what was done to it since.

    Attributes:
        durable: its bytes as the last sync left them; None if it may not be there at all.
        since: writes and truncations that were not synced.
        is_gone: it was taken away, which its directory may not know yet.
    """

    durable: bytes | None = None
    since: list[Event] = field(default_factory=list)
    is_gone: bool = False

    def sync(self) -> None:
        """Make durable what was done to it."""
        self.durable = played(self.durable or b"", self.since)
        self.since.clear()

    def after_power_loss(self, rng: Random) -> bytes | None:
        """Give what it may hold; None if it isn't there."""
        if (self.durable is None or self.is_gone) and rng.random() < 0.5:
            return None
        share = rng.choice((0.0, 0.3, 0.7, 1.0))
        kept = [torn(event, rng) for event in self.since if rng.random() < share]
        return played(self.durable or b"", kept)


class Disk:
    """The database files of one folder.

    Args:
        folder: where they are; what is there now is durable.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = {
            str(path): File(path.read_bytes()) for path in folder.glob("*.db*") if path.is_file()
        }

    def play(self, event: Event) -> None:
        """Let something happen."""
        file = self._files.setdefault(event.path, File())
        match event.kind:
            case "write" | "truncate":
                file.since.append(event)
            case "create":
                file.is_gone = False
            case "unlink":
                file.is_gone = True
            case "sync" if event.path == str(self._folder):
                self._files = {path: one for path, one in self._files.items() if not one.is_gone}
            case "sync":
                file.sync()

    def lose_power(self, place: Path, rng: Random) -> None:
        """Write into a folder what may be left."""
        for path, file in self._files.items():
            left = file.after_power_loss(rng) if path != str(self._folder) else None
            target = place / Path(path).name
            if left is not None:
                target.write_bytes(left)
            else:
                target.unlink(missing_ok=True)


def played(content: bytes, events: Sequence[Event]) -> bytes:
    """Apply writes and truncations to the bytes of a file."""
    now = bytearray(content)
    for event in events:
        if event.kind == "truncate":
            del now[event.at :]
            now.extend(bytes(event.at - len(now)))
            continue
        now.extend(bytes(max(0, event.at - len(now))))
        now[event.at : event.at + len(event.content)] = event.content
    return bytes(now)


def torn(event: Event, rng: Random) -> Event:
    """Leave of a write only the sectors up to some point, now and then."""
    sectors = len(event.content) // SECTOR
    if event.kind != "write" or sectors < 2 or rng.random() < 0.5:
        return event
    kept = rng.randrange(1, sectors) * SECTOR
    return Event("write", event.path, event.content[:kept], event.at)


def copied(folder: Path, place: Path) -> Path:
    """Copy a folder, for a disk to lose its power in."""
    shutil.copytree(folder, place)
    return place
