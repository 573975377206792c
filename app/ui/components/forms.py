"""A field with the button that uses it: beside each other where there is room."""

import flet as ft

from app.ui.view_model import Layout


def field_and_button(
    layout: Layout, field: ft.Control, button: ft.Control, *, width_px: int
) -> ft.Control:
    """Draw them; where text is large on a small page, the button stands below.

    No row that wraps: there the nodes of buttons lie over the field's.

    Args:
        layout: of the page.
        field: a text field.
        button: what uses it.
        width_px: of the field, where it has the button beside it.
    """
    if layout.is_crowded:
        return ft.Column([ft.Row([ft.Container(field, expand=True)]), button], spacing=8)
    return ft.Row([ft.Container(field, width=width_px), button], spacing=10)
