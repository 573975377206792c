"""Markdown as it is read: in the colours of the theme, with checklists that can be ticked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import flet as ft

from app.ui.markdown_parts import Box, Part, only_text_of_pictures
from app.ui.theme import TEXT_SIZES_PX

_COLUMN_PX: Final = 8
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


def checklist_line(box: Box, words: str, tick: Any, look: Look) -> ft.Control:
    """Draw a line that can be ticked.

    Args:
        box: the line.
        words: its text, with links as they are followed.
        tick: handles the box.
        look: how it is drawn.
    """
    return ft.Row(
        [
            ft.Checkbox(
                value=box.is_done,
                semantics_label=f"Tick: {box.text}",
                visual_density=ft.VisualDensity.COMPACT,
                on_change=tick,
            ),
            ft.Container(
                # A container of its own, or the name of the box would say the words twice.
                ft.Semantics(
                    container=True,
                    content=markdown(
                        f"~~{words}~~" if box.is_done and "~" not in words else words, look
                    ),
                ),
                expand=True,
                padding=ft.Padding.only(top=5),
                opacity=0.7 if box.is_done else 1,
            ),
        ],
        spacing=4,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def parts_drawn(
    parts: Sequence[Part],
    shown: Sequence[Part],
    tick: Callable[[Box], Any],
    look: Look,
) -> list[ft.Control]:
    """Draw the parts of a text.

    Args:
        parts: of the text as it is.
        shown: of the same text with links as they are followed; as many.
        tick: makes the handler of a box.
        look: how they are drawn.
    """
    drawn: list[ft.Control] = []
    for number, (part, said) in enumerate(zip(parts, shown, strict=True)):
        content: ft.Control = (
            checklist_line(part, said.text, tick(part), look)
            if isinstance(part, Box)
            else markdown(said.text, look)
        )
        indent = part.indent * _COLUMN_PX + (0 if isinstance(part, Box) or not part.indent else 24)
        drawn.append(
            ft.Container(
                content,
                key=str(number),
                padding=ft.Padding.only(
                    left=indent, top=0 if isinstance(part, Box) or indent else 6
                ),
            )
        )
    return drawn


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
