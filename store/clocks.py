"""This machine's clocks: Unix time, and elapsed time with a name of the boot that it counts from.

Elapsed time goes on while the machine sleeps:

Linux     CLOCK_BOOTTIME, and the kernel's boot id
macOS     CLOCK_MONOTONIC, which counts sleep there, and the kernel's boot session
others    time.monotonic; nothing names the boot, so each process is taken for one of its own

Where the boot can't be named, times of two processes can't be compared, and a device that was
started anew is only certain again once it has synced (DECISIONS D25).
"""

import functools
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Final

from store.domain.ledger.on_device import Reading

_LINUX_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_ASK_S_MAX: Final = 2.0
_SYSTEM: Final[str] = sys.platform


def system_now_ms() -> int:
    """Unix milliseconds by this machine's clock. For display and expiry, never an order."""
    return time.time_ns() // 1_000_000


def read_clocks() -> Reading:
    """Look at this machine's clocks."""
    return Reading(_boot(), _elapsed_ms(), system_now_ms())


@functools.cache
def _boot() -> str:
    """Name the time since the machine was started."""
    try:
        if _SYSTEM == "linux":
            return _LINUX_BOOT.read_text(encoding="ascii").strip()
        if _SYSTEM == "darwin":
            asked = ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"]
            told = subprocess.run(asked, capture_output=True, check=True, timeout=_ASK_S_MAX)
            return told.stdout.decode("ascii").strip()
    except (OSError, ValueError, subprocess.SubprocessError):
        pass  # as on systems that have no such name
    return f"process-{uuid.uuid4()}"


def _elapsed_ms() -> int:
    if _SYSTEM == "linux":
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    if _SYSTEM == "darwin":
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000_000
    return time.monotonic_ns() // 1_000_000
