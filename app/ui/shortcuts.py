"""Which key does what, everywhere in the app. Pure.

A key that is typed into a field is never a shortcut, and while a dialog is open only what closes it
works; so plain letters can be shortcuts.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Key:
    """A key as the page tells it; `ctrl` stands for the Command key too."""

    key: str
    shift: bool = False
    ctrl: bool = False
    alt: bool = False


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A row of the sheet.

    Attributes:
        keys: as they are written there.
        words: what they do.
        act: what is done; `app.ui.keyboard` knows how.
    """

    keys: str
    words: str
    act: str


SHORTCUTS: Final = (
    Shortcut("N", "New task, from anywhere", "add"),
    Shortcut("/", "Search", "search"),
    Shortcut("I", "Inbox", "view:inbox"),
    Shortcut("T", "Today", "view:today"),
    Shortcut("U", "Upcoming", "view:upcoming"),
    Shortcut("S", "How sync stands", "sync"),
    Shortcut("1 to 9", "The screens, from the first to the last", "screen"),
    Shortcut("Alt Up", "Move the open task up", "move:-1"),
    Shortcut("Alt Down", "Move the open task down", "move:1"),
    Shortcut("Ctrl Z", "Undo", "undo"),
    Shortcut("Ctrl Shift Z", "Redo", "redo"),
    Shortcut("Esc", "Close what is open", "close"),
    Shortcut("?", "These shortcuts", "shortcuts"),
)
_PLAIN: Final = {
    "n": "add",
    "/": "search",
    "i": "view:inbox",
    "t": "view:today",
    "u": "view:upcoming",
    "s": "sync",
    "?": "shortcuts",
}

_WITH_ALT: Final = {"arrow up": "move:-1", "arrow down": "move:1"}


def act_of(pressed: Key, *, typing: bool, dialog: bool) -> str | None:
    """Say what a key does; None where it does nothing.

    Args:
        pressed: the key.
        typing: whether a field has the keyboard.
        dialog: whether a dialog is open.
    """
    if pressed.key == "Escape":
        return "close"
    if typing or dialog:
        return None
    key = pressed.key.lower()
    if pressed.alt:
        return None if pressed.ctrl or pressed.shift else _WITH_ALT.get(key)
    if pressed.ctrl:
        return _with_ctrl(key, shift=pressed.shift)
    if key == "/" and pressed.shift:  # as some keyboards tell a question mark
        return "shortcuts"
    if key.isdigit() and key != "0" and not pressed.shift:
        return f"screen:{key}"
    return _PLAIN.get(key) if key == "?" or not pressed.shift else None


def sign_of(pressed: Key) -> str | None:
    """Say what a key would write into a field; empty for what takes the sign before it away.

    None where it writes nothing, or where only the keyboard's layout knows what: the page tells
    the key, not the sign, of a digit or a mark that is pressed with Shift.
    """
    if pressed.key == "Backspace":
        return ""
    if len(pressed.key) > 1 or pressed.ctrl or pressed.alt:
        return None
    if pressed.shift:
        return pressed.key.upper() if pressed.key.isalpha() else None
    return pressed.key.lower()


def _with_ctrl(key: str, *, shift: bool) -> str | None:
    if key == "z":
        return "redo" if shift else "undo"
    return "redo" if key == "y" and not shift else None
