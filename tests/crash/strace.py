"""Runs a command under strace: to count its writing system calls, to log them, to kill it at one.

A signal is injected on the way into a system call, so that a command killed at the Nth call has
done N - 1 of them. strace counts each call by its name and thread. It runs beside the command
(`-D`), so that the process that was started is the command itself; it holds the command's standard
error, which ends when both have ended.
"""

import os
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

# What SQLite and Python change files with. A run is killed at each of them.
WRITING: Final = ("pwrite64", "pwritev", "fsync", "fdatasync", "ftruncate", "unlink", "rename")
# What tells the world: a line on standard output, a reply on a socket.
TELLING: Final = ("write", "sendto", "sendmsg", "writev")
CALLS: Final = WRITING + TELLING
_LINE: Final = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(.*)$")
_FD: Final = re.compile(r"^\((\d+)<((?:[^>]|->)*)>")


@dataclass(frozen=True, slots=True)
class Point:
    """A system call at which to kill: the Nth of its name in one thread."""

    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.call} {self.number}"


@dataclass(frozen=True, slots=True)
class Call:
    """A line of the log: a system call that began or ended.

    Attributes:
        thread: id of the thread.
        name: of the call.
        fd: number of the file that it is about, -1 where it names none.
        path: of that file, or what else it is: `pipe:[...]`, `TCP:[...]`.
        ends: it has returned with this line.
    """

    thread: int
    name: str
    fd: int
    path: str
    ends: bool


def is_usable() -> str | None:
    """Say why strace can't be used here, None if it can."""
    try:
        tried = subprocess.run(
            ["strace", "-f", "-o", "/dev/null", "true"],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return "strace is missing"
    return None if tried.returncode == 0 else f"strace may not trace here: {tried.stderr.strip()}"


def traced(command: Sequence[str], *, log: Path) -> list[str]:
    """Write the command that runs another one and logs its system calls with their files."""
    return [*_strace(CALLS), *_logging_to(log), "-D", *command]


def traced_from_now(process: int, *, log: Path) -> list[str]:
    """Write the command that logs the system calls of a process that runs already."""
    return [*_strace(CALLS), *_logging_to(log), "-p", str(process)]


def killed_at(command: Sequence[str], point: Point) -> list[str]:
    """Write the command that runs another one and kills it at a system call."""
    return [*_strace([point.call]), *_killing_at(point), "-D", *command]


def killed_from_now(process: int, point: Point) -> list[str]:
    """Write the command that kills a process that runs already, at a system call from now on."""
    return [*_strace([point.call]), *_killing_at(point), "-p", str(process)]


def failing_at(command: Sequence[str], point: Point, error: str, *, for_ever: bool) -> list[str]:
    """Write the command that runs another one in which a system call fails, or all from it on.

    Args:
        command: what to run.
        point: the call.
        error: as errno names it, `ENOSPC` for one.
        for_ever: every later call of that name fails too.
    """
    when = f"{point.number}+" if for_ever else str(point.number)
    failing = ["-e", f"inject={point.call}:error={error}:when={when}", "-o", "/dev/null"]
    return [*_strace([point.call]), *failing, "-D", *command]


def _logging_to(log: Path) -> list[str]:
    return ["-yy", "-s", "0", "-o", str(log)]


def _killing_at(point: Point) -> list[str]:
    return ["-e", f"inject={point.call}:signal=KILL:when={point.number}", "-o", "/dev/null"]


def points_of(log: Path, calls: Sequence[str] = WRITING) -> list[Point]:
    """List every point of a run that was logged: as many of a call as one thread made."""
    threads: dict[str, Counter[int]] = defaultdict(Counter)
    for call in calls_of(log):
        if call.name in calls and not call.ends:
            threads[call.name][call.thread] += 1
    return [
        Point(name, number)
        for name, counts in sorted(threads.items())
        for number in range(1, max(counts.values()) + 1)
    ]


def chosen(points: Sequence[Point], wanted: int) -> list[Point]:
    """Choose some points, or take all if there are not more.

    Half of them where something is made durable or a commit ends, the others among the many writes.
    """
    ends = [point for point in points if not point.call.startswith("pwrite")]
    writes = [point for point in points if point.call.startswith("pwrite")]
    of_ends = _spread(ends, max(wanted // 2, wanted - len(writes)))
    return of_ends + _spread(writes, wanted - len(of_ends))


def shard(points: Sequence[Point]) -> list[Point]:
    """Take of points those of this run: of CAIRN_CRASH_SHARD=1/3 every third, from the second."""
    at, _, of = os.environ.get("CAIRN_CRASH_SHARD", "0/1").partition("/")
    return list(points[int(at) :: int(of)])


def _spread(points: Sequence[Point], wanted: int) -> list[Point]:
    if len(points) <= wanted:
        return list(points)
    return [points[number * len(points) // wanted] for number in range(wanted)]


def calls_of(log: Path) -> Iterator[Call]:
    """Read a log: every call twice, once as it begins and once as it ends."""
    running: dict[int, Call] = {}
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        thread, name, rest = int(found[1]), found[2], found[3]
        if "<... " not in line:
            about = _FD.match(rest)
            fd, path = (int(about[1]), about[2]) if about else (-1, "")
            running[thread] = Call(thread, name, fd, path, ends=False)
            yield running[thread]
        if "<unfinished" not in line and thread in running:
            yield replace(running.pop(thread), ends=True)


def _strace(calls: Sequence[str]) -> list[str]:
    # "?": some of the names are not known on every kind of processor.
    known = ",".join(f"?{call}" for call in calls)
    # Not with --seccomp-bpf, which is faster: strace 6.1 then injects nothing.
    return ["strace", "-f", "-e", f"trace={known}", "-e", "signal=none"]
