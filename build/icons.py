"""All icons, from the one drawing `assets/icon.svg`: PNG of any size, ICO, ICNS.

resvg draws, Pillow writes the two containers. The drawing has no background: a phone's icon gets
one (`[tool.flet]` in pyproject.toml), a desktop's has none.
"""

import io
from pathlib import Path
from typing import Final

import resvg_py
from PIL import Image

from project import ROOT

DRAWING: Final = ROOT / "assets" / "icon.svg"
DESKTOP_PX: Final = (16, 24, 32, 48, 64, 128, 256, 512)
LARGEST_PX: Final = 1024
ICO_PX: Final = (16, 24, 32, 48, 64, 128, 256)


def png(size_px: int, *, padding: float = 0.0) -> bytes:
    """Draw the icon.

    Args:
        size_px: width and height.
        padding: the part of the width that is left free on each side.
    """
    inner = round(size_px * (1 - 2 * padding))
    drawn = bytes(resvg_py.svg_to_bytes(svg_path=str(DRAWING), width=inner, height=inner))
    if inner == size_px:
        return drawn
    whole = Image.new("RGBA", (size_px, size_px), (0, 0, 0, 0))
    edge = (size_px - inner) // 2
    whole.paste(Image.open(io.BytesIO(drawn)), (edge, edge))
    return _saved(whole, "PNG")


def ico() -> bytes:
    """The icon of Windows; each size is drawn for itself."""
    images = [_image(size) for size in reversed(ICO_PX)]
    return _saved(images[0], "ICO", append_images=images[1:], sizes=[(s, s) for s in ICO_PX])


def icns() -> bytes:
    """The icon of macOS."""
    images = [_image(size) for size in (1024, 512, 256, 128, 64, 32)]
    return _saved(images[0], "ICNS", append_images=images[1:])


def place_hicolor(icons: Path) -> None:
    """Put the icon where a Linux desktop looks for it, below `share/icons`."""
    for size in DESKTOP_PX:
        folder = icons / "hicolor" / f"{size}x{size}" / "apps"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cairn.png").write_bytes(png(size))
    scalable = icons / "hicolor" / "scalable" / "apps"
    scalable.mkdir(parents=True, exist_ok=True)
    (scalable / "cairn.svg").write_bytes(DRAWING.read_bytes())


def _image(size_px: int) -> Image.Image:
    return Image.open(io.BytesIO(png(size_px)))


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
