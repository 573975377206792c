"""Controls as they have to be built here: each with an accessible name, typed where Flet is not."""

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, cast

import flet as ft

from app.ui.layout import READING_WIDTH_PX

P = ParamSpec("P")
OnEvent = Callable[[Any], Awaitable[None]]


def icon_button(
    icon: ft.IconData,
    name: str,
    on_click: OnEvent,
    *,
    disabled: bool = False,
    color: str | None = None,
) -> ft.Control:
    """Make a button that is only a picture; its name is its tooltip.

    Alone, an `IconButton` gives its tooltip to the node above it and stays nameless itself.
    """
    return ft.MergeSemantics(
        ft.IconButton(icon, tooltip=name, on_click=on_click, disabled=disabled, icon_color=color)
    )


def keyed(part: Callable[P, Any], key: str, *args: P.args, **kwargs: P.kwargs) -> ft.Control:
    """Draw a component under a stable identity: its state lives and dies with the key."""
    return cast(ft.Control, cast(Any, part)(*args, **kwargs, key=key))


def heading(text: str, *, level: int = 1) -> ft.Control:
    """Make a heading that screen readers can jump to."""
    theme_style = ft.TextThemeStyle.HEADLINE_SMALL if level == 1 else ft.TextThemeStyle.TITLE_MEDIUM
    return ft.Semantics(
        container=True,  # else the texts beside it become part of the heading
        header=True,
        heading_level=level,
        content=ft.Text(text, theme_style=theme_style),
    )


def quiet(text: str, *, lines_max: int | None = None) -> ft.Text:
    """Make a text of the second rank."""
    return ft.Text(
        text,
        theme_style=ft.TextThemeStyle.BODY_SMALL,
        color=ft.Colors.ON_SURFACE_VARIANT,
        max_lines=lines_max,
        overflow=ft.TextOverflow.ELLIPSIS if lines_max else ft.TextOverflow.CLIP,
    )


def explained(text: str) -> ft.Control:
    """Make a quiet text beside a field, which stays a text of its own.

    Alone, a screen reader would get it as part of the field's name.
    """
    return apart(quiet(text))


def apart(content: ft.Control) -> ft.Control:
    """Keep what is said from becoming part of the name of a field below it."""
    return ft.Semantics(container=True, content=content)


def reading(part: ft.Control, *, wide: bool) -> ft.Control:
    """Draw a part of a page that is read from top to bottom no wider than one reads well.

    A list makes its parts as wide as itself, whatever they say: the box around it takes that.
    """
    if not wide:
        return part
    inner = ft.Container(part, width=READING_WIDTH_PX)
    return ft.Container(inner, alignment=ft.Alignment.TOP_LEFT)


def empty_state(icon: ft.IconData, title: str, sentence: str) -> ft.Control:
    """Say what belongs here and how it comes here, where nothing is yet."""
    return ft.Container(
        expand=True,
        alignment=ft.Alignment.CENTER,
        padding=32,
        content=ft.Column(
            [
                ft.Icon(icon, size=40, color=ft.Colors.OUTLINE),
                ft.Text(title, theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
                ft.Text(
                    sentence,
                    text_align=ft.TextAlign.CENTER,
                    color=ft.Colors.ON_SURFACE_VARIANT,
                ),
            ],
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            tight=True,
            spacing=8,
        ),
    )
