"""Markdown as it is read: in the colours of the theme, with checklists that can be ticked."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import flet as ft

from app.ui.direction import is_from_right
from app.ui.markdown_parts import only_text_of_pictures
from app.ui.theme import TEXT_SIZES_PX

_COLUMN_PX: Final = 8
_BOX_PX: Final = 24
_RADIUS_PX: Final = 8


@dataclass(frozen=True, slots=True)
class Look:
    """How Markdown is drawn.

    Attributes:
        text_percent: size of its text, of the usual one.
        follow: handles a link that was tapped.
    """

    text_percent: int
    follow: Any


def markdown(text: str, look: Look) -> ft.Markdown:
    """Draw a text; its pictures are not loaded."""
    return ft.Markdown(
        only_text_of_pictures(text),
        selectable=False,  # a selectable one is a text box without a name to a screen reader
        extension_set=ft.MarkdownExtensionSet.GITHUB_FLAVORED,
        md_style_sheet=_style(look.text_percent),
        soft_line_break=True,
        on_tap_link=look.follow,
    )


@dataclass(frozen=True, slots=True)
class PartLook:
    """How one part of a text looks, and nothing else, so that equal ones are drawn once.

    Attributes:
        words: Markdown.
        indent: how far it stands to the right, in columns.
        box: the name of its box; None for what can't be ticked.
        is_done: whether the box is ticked.
        text_percent: size of its text, of the usual one.
    """

    words: str
    indent: int
    box: str | None
    is_done: bool
    text_percent: int


def part_drawn(look: PartLook, tick: Any, follow: Any) -> ft.Control:
    """Draw a part.

    Args:
        look: how it looks.
        tick: handles its box.
        follow: handles a link that was tapped.
    """
    how = Look(look.text_percent, follow)
    content: ft.Control = markdown(look.words, how)
    if look.box is not None:
        content = _checklist_line(look, look.box, tick, how)
    # Below a box, text begins where the words of the box do.
    indent = look.indent * _COLUMN_PX + (_BOX_PX if look.box is None and look.indent else 0)
    top = 0 if look.box is not None or look.indent else 6
    from_right = is_from_right(look.words)
    side = {"right": indent} if from_right else {"left": indent}
    return ft.Container(content, padding=ft.Padding.only(top=top, **side), rtl=from_right)


def _checklist_line(look: PartLook, name: str, tick: Any, how: Look) -> ft.Control:
    words = look.words
    return ft.Row(
        [
            # Containers of their own, or box and words would be one thing: as large as the line,
            # so that a tap meets the words, and with a name that says them twice.
            ft.Semantics(
                container=True,
                content=ft.Checkbox(
                    value=look.is_done,
                    semantics_label=f"Tick: {name}",
                    visual_density=ft.VisualDensity.COMPACT,
                    on_change=tick,
                ),
            ),
            ft.Container(
                ft.Semantics(
                    container=True,
                    content=markdown(
                        f"~~{words}~~" if look.is_done and "~" not in words else words, how
                    ),
                ),
                expand=True,
                padding=ft.Padding.only(top=5),
                opacity=0.7 if look.is_done else 1,
            ),
        ],
        spacing=4,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


@lru_cache(maxsize=8)
def _style(percent: int) -> ft.MarkdownStyleSheet:
    """Say how each element looks: Flet's own style is for light pages and one size of text."""

    def text(of: str, **more: Any) -> ft.TextStyle:
        size = TEXT_SIZES_PX[of] * percent / 100
        return ft.TextStyle(**{"size": size, "color": ft.Colors.ON_SURFACE, **more})

    strong = {"weight": ft.FontWeight.W_600}
    box = ft.BoxDecoration(bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST, border_radius=_RADIUS_PX)
    return ft.MarkdownStyleSheet(
        p_text_style=text("body_large", height=1.45),
        a_text_style=text(
            "body_large", color=ft.Colors.PRIMARY, decoration=ft.TextDecoration.UNDERLINE
        ),
        h1_text_style=text("headline_small", **strong),
        h2_text_style=text("title_large", **strong),
        h3_text_style=text("title_medium", **strong),
        h4_text_style=text("title_medium", **strong),
        h5_text_style=text("title_small", **strong),
        h6_text_style=text("title_small", **strong),
        list_bullet_text_style=text("body_large"),
        table_head_text_style=text("body_medium", **strong),
        table_body_text_style=text("body_medium"),
        code_text_style=text(
            "body_medium",
            color=ft.Colors.ON_SURFACE_VARIANT,
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
            font_family="monospace",
        ),
        codeblock_decoration=box,
        codeblock_padding=12,
        blockquote_text_style=text("body_large", italic=True),
        blockquote_padding=ft.Padding.symmetric(horizontal=14, vertical=8),
        blockquote_decoration=ft.BoxDecoration(
            bgcolor=ft.Colors.SURFACE_CONTAINER,
            border=ft.Border(left=ft.BorderSide(3, ft.Colors.PRIMARY)),
        ),
        horizontal_rule_decoration=ft.BoxDecoration(
            border=ft.Border(top=ft.BorderSide(1, ft.Colors.OUTLINE_VARIANT))
        ),
    )
