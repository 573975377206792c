"""Which colour is drawn on which, in what a tab shows: pairs of scheme names or of hex colours.

Follows what Material does where a control names no colour of its own: buttons, rows, dialogs.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import flet as ft
from flet.components.public_utils import unwrap_component
from flet.controls.base_control import BaseControl

from tests.support.flet_harness import Tab, text_of

_BUTTONS = {
    ft.FilledButton: ("primary", "onprimary"),
    ft.FilledTonalButton: ("secondarycontainer", "onsecondarycontainer"),
    ft.TextButton: (None, "primary"),
    ft.OutlinedButton: (None, "primary"),
}
_GROUNDS = {
    ft.AlertDialog: ("surfacecontainerhigh", "onsurface"),
    ft.SnackBar: ("inversesurface", "oninversesurface"),
    ft.NavigationBar: ("surfacecontainer", "onsurface"),
}


@dataclass(frozen=True)
class Drawn:
    """Something drawn: `ink` on `ground`; a picture needs less contrast than a text."""

    ink: str
    ground: str
    is_text: bool
    said: str = dataclasses.field(compare=False, default="")


def drawn(tab: Tab) -> set[Drawn]:
    """Everything that a tab draws now."""
    opened = [each for each in tab.page._dialogs.controls if each.open]
    return {
        one for root in (*tab.page.views, *opened) for one in _walk(root, "surface", "onsurface")
    }


def _walk(value: Any, ground: str, ink: str) -> Iterator[Drawn]:
    value = unwrap_component(value)
    if isinstance(value, list):
        for each in value:
            yield from _walk(each, ground, ink)
    if not isinstance(value, BaseControl) or getattr(value, "visible", True) is False:
        return
    if getattr(value, "disabled", False):
        return  # WCAG asks nothing of what can't be used
    ground, ink = _on(value, ground, ink)
    yield from _itself(value, ground, ink)
    for each in dataclasses.fields(value):
        if not each.name.startswith("_"):
            inner = getattr(value, each.name, None)
            if isinstance(inner, BaseControl | list):
                yield from _walk(inner, ground, ink)


def _itself(control: BaseControl, ground: str, ink: str) -> Iterator[Drawn]:
    """What a control draws itself, without what is inside it."""
    if isinstance(control, ft.Text):
        yield from _of_text(control, ground, ink)
    elif isinstance(control, ft.Icon):
        yield Drawn(_name(control.color) or ink, ground, False, str(control.icon))
    elif isinstance(control, ft.IconButton):
        own = _name(control.icon_color) or "onsurfacevariant"
        yield Drawn(own, ground, False, str(control.tooltip))
    elif isinstance(control, ft.Button | ft.TextButton | ft.OutlinedButton) and isinstance(
        control.content, str
    ):
        yield Drawn(ink, ground, True, control.content)


def _of_text(text: ft.Text, ground: str, ink: str) -> Iterator[Drawn]:
    own = _name(text.color) or ink
    if text.value:
        yield Drawn(own, ground, True, text_of(text))
    for span in text.spans or ():
        style = span.style
        yield Drawn(_name(style.color if style else None) or own, ground, True, span.text or "")


def _on(control: BaseControl, ground: str, ink: str) -> tuple[str, str]:
    """What the inside of a control is drawn on, and in what where it says nothing."""
    for kind, (own_ground, own_ink) in _BUTTONS.items():
        if isinstance(control, kind):
            style = getattr(control, "style", None)
            styled = _name(style.bgcolor) if style is not None else None
            return _seen(styled, own_ground or ground), own_ink
    for kind, pair in _GROUNDS.items():
        if isinstance(control, kind):
            return pair
    if isinstance(control, ft.ListTile) and control.selected:
        return _name(control.selected_tile_color) or ground, _name(control.selected_color) or ink
    return _seen(_name(getattr(control, "bgcolor", None)), ground), ink


def _seen(colour: str | None, ground: str) -> str:
    return ground if colour in (None, "transparent") else str(colour)


def _name(colour: object) -> str | None:
    if colour is None or not isinstance(colour, str):
        return None
    return str(getattr(colour, "value", colour)).lower()
