"""Processes that tests start: their first line, and their end by their id, both bounded in time."""

import subprocess
from select import select


def first_line(process: "subprocess.Popen[bytes]", within_s: float) -> str:
    """Read the first line on standard output, its end included; empty if none comes in time."""
    assert process.stdout is not None, "it is a pipe"
    readable, _, _ = select([process.stdout], [], [], within_s)
    return process.stdout.readline().decode() if readable else ""


def end(process: "subprocess.Popen[bytes]", within_s: float) -> None:
    """End it, as a service manager would; at once if it doesn't within the time."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(within_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(within_s)
    if process.stdout is not None:
        process.stdout.close()
