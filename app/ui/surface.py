"""Where the app can be shown: in a window, in this machine's browser, or in one far away. Pure."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Mode = Literal["auto", "browser", "window"]


@dataclass(frozen=True, slots=True)
class Surface:
    """Where to show the app.

    Attributes:
        in_window: whether to try a window first.
        opens_browser: whether a browser can be opened on this machine's own screen.
        over_ssh: whether the person sits at another machine.
        has_client: whether the window's client is on this machine.
        why_no_window: told to a person who would have had a window; follows `because`.
    """

    in_window: bool
    opens_browser: bool
    over_ssh: bool
    has_client: bool
    why_no_window: str | None = None


def choose_surface(
    mode: Mode, environ: Mapping[str, str], *, has_client: bool, platform: str = sys.platform
) -> Surface:
    """Decide where to show the app.

    Args:
        mode: what the person asked for.
        environ: the environment.
        has_client: whether the window's client is on this machine.
        platform: as `sys.platform`.
    """
    over_ssh = bool(environ.get("SSH_CONNECTION"))
    has_screen = _has_screen(environ, platform)
    in_window = mode == "window" or (mode == "auto" and has_screen and has_client and not over_ssh)
    opens_browser = has_screen and not over_ssh
    lacks_client = mode == "auto" and opens_browser and not has_client
    why = "its client is not here (`cairn --window` fetches it)" if lacks_client else None
    return Surface(in_window, opens_browser, over_ssh, has_client, why)


def _has_screen(environ: Mapping[str, str], platform: str) -> bool:
    if platform in ("win32", "darwin"):
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def has_window_client(environ: Mapping[str, str], home: Path, version: str) -> bool:
    """Tell whether Flet's desktop client is here, so that no start waits for a download.

    Args:
        environ: the environment; `FLET_VIEW_PATH` names a client that the person brought.
        home: the person's folder, where set-up puts the client.
        version: of Flet.
    """
    brought = environ.get("FLET_VIEW_PATH")
    if brought:
        return any(Path(brought, name).is_file() for name in ("flet", "flet.exe")) or any(
            Path(brought).glob("*.app")
        )
    clients = home / ".flet" / "client"
    return clients.is_dir() and any(clients.glob(f"flet-desktop-*-{version}*"))


def tunnel_command(port: int, environ: Mapping[str, str]) -> str:
    """Say what to type at the other machine, so that its browser reaches this one's page."""
    fields = environ.get("SSH_CONNECTION", "").split()
    here = fields[2] if len(fields) == 4 else "HOST"  # client, its port, this machine, its port
    host = f"[{here}]" if ":" in here else here
    user = environ.get("USER") or environ.get("LOGNAME")
    return (
        f"ssh -L {port}:127.0.0.1:{port} {user}@{host}"
        if user
        else (f"ssh -L {port}:127.0.0.1:{port} {host}")
    )
