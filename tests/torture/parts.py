"""The parts of torture, each by the code or the tests that CI runs."""

import logging
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import tests.conftest  # noqa: F401 -- homes in memory, as in the tests
from tests.fuzz.targets import TARGETS
from tests.simulation.twice import Trials
from tests.torture import openapi
from tests.torture.results import Row

SERVER_POINTS: Final = 250  # kill points of a server's usual visit, of which a turn adds as many
_KILLED: Final = re.compile(
    r"(?:(?:killed|failed|power lost) at|written|disturbed) (\d+) of (\d+)"
    r" (?:points|commits|messages)"
)


def worlds(number: int, seed: int) -> list[Row]:
    """Let worlds live, each twice: all alike at the end, and the same trace both times."""
    logging.disable(logging.CRITICAL)  # disks fail here all the time
    failed: list[str] = []
    began = _cpu_s()
    with tempfile.TemporaryDirectory(prefix="cairn-worlds-") as folder, Trials() as trials:
        for one in range(seed, seed + number):
            outcome = trials.run_twice(one, Path(folder) / str(one))
            if outcome.faults:
                failed.append(f"{one} ({outcome.faults[0].splitlines()[0][:120]})")
                print(f"world {one}:", *outcome.faults, sep="\n", flush=True)
            if (one - seed) % 100 == 99:
                print(f"{one - seed + 1} worlds", flush=True)
    seeds = f"{number}, seeds {seed} to {seed + number - 1}"
    return [Row("worlds of 100 steps, each twice", seeds, "; ".join(failed), _cpu_s() - began)]


def kills(number: int, _seed: int) -> list[Row]:
    """Kill devices, servers and authorities at so many of their writing system calls each."""
    turns = -(-number // SERVER_POINTS)
    sides = {
        "device": {"CAIRN_CRASH_POINTS": str(number)},
        "server": {"CAIRN_CRASH_POINTS": str(number), "CAIRN_CRASH_TURNS": str(turns)},
        "server that decides about supplies and money": {"CAIRN_CRASH_POINTS": str(number)},
    }
    names = dict(zip(sides, ("client", "server", "authority"), strict=True))
    return [
        _killed(f"kill -9 of a {side}", f"tests/crash/test_{names[side]}_crash.py", given)
        for side, given in sides.items()
    ]


def power(number: int, seed: int) -> list[Row]:
    """Let the power go at so many moments of a device in use."""
    given = {"CAIRN_POWER_POINTS": str(number), "CAIRN_POWER_SEED": str(seed)}
    return [_killed("power loss of a device", "tests/crash/test_power_loss.py", given)]


def failing(number: int, _seed: int) -> list[Row]:
    """Let so many system calls of a device fail, each in six ways."""
    given = {"CAIRN_FAILING_POINTS": str(number)}
    return [_killed("ENOSPC, EIO, EROFS", "tests/crash/test_failing_disk.py", given)]


def writers(seconds: int, _seed: int) -> list[Row]:
    """Let two processes write one home for so long, while it is checkpointed."""
    given = {"CAIRN_TWO_WRITERS_S": str(seconds)}
    return [_killed("two processes write one home", "tests/store/test_two_writers.py", given)]


def proxied(number: int, seed: int) -> list[Row]:
    """Let real processes meet over a proxy that spoils connections, for so many seeds."""
    given = {"CAIRN_PROXIED": str(number), "CAIRN_PROXIED_SEED": str(seed)}
    row = _killed("processes over a fault proxy", "tests/proxied/test_proxied.py", given)
    return [replace(row, number=f"{number}, seeds {seed} to {seed + number - 1}")]


def messages(ways: int, _seed: int) -> list[Row]:
    """Disturb each message of the protocol, in so many ways each."""
    given = {"CAIRN_EVERY_MESSAGE": str(ways)}
    path = "tests/sync/client/test_every_message.py"
    return [_killed("messages of all routes, each disturbed in eleven ways", path, given)]


def fuzz(seconds: int, _seed: int) -> list[Row]:
    """Fuzz each decoder for so many seconds of the processor, whatever else it has to do."""
    return [_fuzzed(name, seconds) for name in TARGETS]


def _fuzzed(name: str, seconds: int) -> Row:
    began, tried = _cpu_s(), 0
    with tempfile.TemporaryDirectory(prefix="cairn-fuzz-") as corpus:
        while (left := seconds - (_cpu_s() - began)) > 0:
            done = subprocess.run(
                [sys.executable, "-m", "tests.fuzz", name, str(max(1, round(left))), corpus],
                capture_output=True,
                text=True,
                check=False,
            )
            tried += sum(map(int, re.findall(r"Done (\d+) (?:runs|in)", done.stderr)))
            if done.returncode != 0:
                return _row_of(name, tried, done.stderr[-2_000:].replace("\n", " "), began)
    return _row_of(name, tried, "", began)


def _row_of(name: str, tried: int, failed: str, began: float) -> Row:
    return Row(f"fuzzing of {name}", f"{tried} inputs", failed, _cpu_s() - began)


def requests(seconds: int, _seed: int) -> list[Row]:
    """Send a server what its OpenAPI document allows and doesn't, for so many seconds."""
    began = _cpu_s()
    row = openapi.run(seconds)
    return [replace(row, cpu_s=_cpu_s() - began)]


def _killed(what: str, path: str, given: Mapping[str, str]) -> Row:
    began = _cpu_s()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", path, "-q", "-s", "-n", "0", "-p", "no:randomly"],
        env=os.environ | given,
        capture_output=True,
        text=True,
        check=False,
    )
    told = [f"{at} of {of}" for at, of in _KILLED.findall(done.stdout)]
    failed = "" if done.returncode == 0 else done.stdout[-2_000:].replace("\n", " ")
    return Row(what, " and ".join(told) or "none", failed, _cpu_s() - began)


def _cpu_s() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime
