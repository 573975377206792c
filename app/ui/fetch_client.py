"""Fetches the window's client into this person's folder: `python -m app.ui.fetch_client`.

A process of its own, so that whoever waits for it can give it up.
"""

import flet_desktop  # type: ignore[import-untyped]

if __name__ == "__main__":
    flet_desktop.ensure_client_cached()
