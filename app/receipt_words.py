"""Where an item's latest version is, in words: for screen and terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from store.rows import Confirmed, Holder

NAMED_MAX: Final = 4  # devices; the others are counted


def confirmed_words(found: Confirmed) -> str:
    """Say where the latest version is, and where not yet: `On the server, on Kit's phone.`.

    What came on a stick is elsewhere too, but nobody confirmed it: so never *only* here.
    """
    places = [] if not found.is_on_server else ["on the server"]
    places += _named([one for one in found.devices if one.has_latest])
    lacking = _named([one for one in found.devices if not one.has_latest])
    if not places:
        if found.is_on_server is None and not lacking:
            return "On this device; no other is known to have it."
        return "On this device; no other has confirmed it yet."
    said = f"{_sentence(places)}."
    return f"{said} Not yet {', '.join(lacking)}." if lacking else said


def device_words(holder: Holder) -> str:
    """Name a device: `Kit's phone`; one that is named after its person says whose it is itself."""
    person, device = holder.person, holder.device
    if not person:
        return device or "another device"
    if person.casefold() in device.casefold():
        return device
    return f"{person}'s {device or 'device'}"


def _named(holders: list[Holder]) -> list[str]:
    words = [f"on {device_words(one)}" for one in holders[:NAMED_MAX]]
    left = len(holders) - NAMED_MAX
    if left > 0:
        words.append(f"on {left} other {'device' if left == 1 else 'devices'}")
    return words


def _sentence(places: list[str]) -> str:
    said = ", ".join(places)
    return said[:1].upper() + said[1:]
