"""What Cairn can't do without, and what a person is told on a machine that has no wheel of it.

Automerge's binding has wheels for Python 3.11 and 3.12 on the usual systems. Elsewhere (Python
3.13, musl, Windows on ARM) a program that starts all the same would fail somewhere in the middle.
"""

import platform
import sys
from collections.abc import Callable
from importlib.util import find_spec

from store.errors import StoreError


class NotForThisMachine(StoreError):
    """A library without which nothing works is not installed."""

    type = "not-for-this-machine"
    title = "Can't run here"


def ensure_automerge(find: Callable[[str], object] = find_spec) -> None:
    """Refuse to start where Automerge is missing; looks for it without loading it.

    Raises:
        NotForThisMachine: says what this machine is, and what to do.
    """
    if find("automerge") is not None:
        return
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    raise NotForThisMachine(
        f"Automerge is not installed, and Cairn can't work without it. This is Python {python} on "
        f"{platform.system()} {platform.machine()}; there are wheels of it for Python 3.11 and "
        "3.12, but none for musl or for Windows on ARM: install Cairn where there is one."
    )
