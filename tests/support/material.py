"""The colours that Material 3 makes of a seed, as Flutter does, and how one is read on another.

Sources: `ColorScheme.fromSeed` (tonal spot, specification of 2021); WCAG 2.2, "contrast ratio".
"""

from functools import lru_cache

from materialyoucolor.dynamiccolor.material_dynamic_colors import (  # type: ignore[import-untyped]
    MaterialDynamicColors,
)
from materialyoucolor.hct import Hct  # type: ignore[import-untyped]
from materialyoucolor.scheme.scheme_tonal_spot import (  # type: ignore[import-untyped]
    SchemeTonalSpot,
)

Rgb = tuple[int, int, int]


@lru_cache(maxsize=64)
def scheme(seed: str, *, dark: bool) -> dict[str, Rgb]:
    """Give the colours of a scheme by their names in lower case, as Flet sends them."""
    source = Hct.from_int(0xFF000000 | int(seed.removeprefix("#"), 16))
    made = SchemeTonalSpot(source, dark, 0.0, spec_version="2021")
    colours = MaterialDynamicColors(spec="2021")
    found = {}
    for name in dir(colours):
        colour = getattr(colours, name)
        if hasattr(colour, "get_argb"):
            found[name.lower()] = rgb(colour.get_argb(made))
    return found


def rgb(argb: int) -> Rgb:
    """Split a colour into red, green and blue, each 0 to 255."""
    return argb >> 16 & 255, argb >> 8 & 255, argb & 255


def contrast(one: Rgb, other: Rgb) -> float:
    """How well one colour is read on the other, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    linear = [
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in colour
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
