"""Where things lie on this machine. The only module that knows of folders outside the home.

The home is what `--home` says, else CAIRN_HOME, else FLET_APP_STORAGE_DATA (a packaged app on a
phone), else the platform's folder for a person's data. A server's folder is what `serve --data`
says, else `server` in the home: a server's data is no replica.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

APP_NAME: Final = "cairn"
HOME_VARIABLES: Final = ("CAIRN_HOME", "FLET_APP_STORAGE_DATA")


def home_folder(given: str | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Choose the folder of this replica; it need not exist yet.

    Args:
        given: what `--home` said, if it was there. `~` is the person's own folder.
        environ: the environment; an empty variable counts as unset.
    """
    named = next((environ[name] for name in HOME_VARIABLES if environ.get(name)), None)
    chosen = given or named
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs  # 16 ms, and only where nothing was named

    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False, roaming=False))


def server_folder(given: str | None, home: Path) -> Path:
    """Choose the folder of a server's data; it need not exist yet."""
    return Path(given).expanduser().absolute() if given else home / "server"
