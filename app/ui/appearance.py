"""How the app looks on this device: light or dark, from which colour, how large its text is.

Kept in the home, one for each device, and never sent.
"""

from dataclasses import asdict, dataclass
from typing import Final, Literal, get_args

from store.replica import Replica

Mode = Literal["system", "light", "dark"]

MODES: Final[tuple[Mode, ...]] = get_args(Mode)
# Lichen on stone first; each is a seed from which Material makes a whole scheme.
SEEDS: Final = {
    "Lichen": "#34786a",
    "Lake": "#2a739f",
    "Heather": "#6d5b95",
    "Rowan": "#b04745",
    "Larch": "#8a6a1c",
    "Slate": "#626d79",
}
TEXT_PERCENTS: Final = (100, 115, 130, 150, 175, 200)
_KEY: Final = "app_appearance"


@dataclass(frozen=True, slots=True)
class Appearance:
    """What a person chose.

    Attributes:
        mode: light, dark, or as the system is.
        seed: name of the colour.
        text_percent: size of all text, of the usual one.
    """

    mode: Mode = "system"
    seed: str = "Lichen"
    text_percent: int = 100


def read_appearance(replica: Replica) -> Appearance:
    """Read what was chosen here; what can't be read any more is as it is at first."""
    try:
        found = Appearance(**replica.fields(_KEY))
    except TypeError:  # of another version of the app
        return Appearance()
    usual = Appearance()
    return Appearance(
        found.mode if found.mode in MODES else usual.mode,
        found.seed if found.seed in SEEDS else usual.seed,
        found.text_percent if found.text_percent in TEXT_PERCENTS else usual.text_percent,
    )


def keep_appearance(replica: Replica, chosen: Appearance) -> None:
    """Remember what was chosen; all tabs of this device follow, and undo puts it back."""
    now = asdict(read_appearance(replica))
    changed = {name: value for name, value in asdict(chosen).items() if value != now[name]}
    replica.change_fields(_KEY, changed, label="appearance")
