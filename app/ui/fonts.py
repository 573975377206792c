"""Fonts for what the page's own Roboto lacks: emoji, Chinese, Arabic and the rest of the scripts.

The engine asks `assets/fonts/<family>/<version>/<file>` for a Noto font when it meets such a letter
and asks again many times a second, for ever, until it gets one. So the answer is always a font: the
one that this machine has for the family, else any that we have. Fonts are known by their bytes, not
by their name.
"""

import sys
from functools import lru_cache
from pathlib import Path
from typing import Final

import flet_web  # type: ignore[import-untyped]

_SUFFIXES: Final = (".ttf", ".ttc", ".otf")
_REGULAR: Final = ("-regular", "")
_CJK: Final = ("notosanssc", "notosanstc", "notosanshk", "notosansjp", "notosanskr")

# What systems without Noto have for these, by the start of the file's name.
_STAND_INS: Final = {
    "notocoloremoji": ("apple color emoji", "seguiemj"),
    "notosansarabic": ("geezapro", "segoeui", "dejavusans"),
    "cjk": ("notosanscjk", "pingfang", "msyh", "wqy"),
}


def font_folders() -> tuple[Path, ...]:
    """Where this system keeps its fonts."""
    home = Path.home()
    if sys.platform == "win32":
        return (Path("C:/Windows/Fonts"),)
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts")


def font_for(family: str, folders: tuple[Path, ...] | None = None) -> Path:
    """Choose the file for a family as the engine names it (`notosansarabic`, `notocoloremoji`).

    Returns:
        The best that is here; the page's own Roboto where nothing fits. Never nothing.
    """
    known = _installed(font_folders() if folders is None else folders)
    wanted = "".join(each for each in family.lower() if each.isalnum())
    names = [wanted + ending for ending in _REGULAR]
    exact = next((known[name] for name in names if name in known), None)
    if exact is not None:
        return exact
    stand_ins = _STAND_INS.get("cjk" if wanted.startswith(_CJK) else wanted, ())
    for start in (*stand_ins, "notosans-regular", "dejavusans"):
        found = next((known[name] for name in sorted(known) if name.startswith(start)), None)
        if found is not None:
            return found
    return page_font()


def page_font() -> Path:
    """The font that comes with the page."""
    return Path(flet_web.get_package_web_dir()) / "assets" / "fonts" / "roboto.woff2"


@lru_cache(maxsize=4)
def _installed(folders: tuple[Path, ...]) -> dict[str, Path]:
    """Font files by name, lower case and without suffix; looked for once."""
    return {
        path.stem.lower(): path
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in _SUFFIXES
    }
