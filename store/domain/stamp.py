"""Who wrote a change and when, as its header says (DECISIONS D1). For display, never an order.

The message is compact JSON, its keys in this order:

    {"v":1,"person":...,"device":...,"at_ms":...}

It is a claim, and may come from a stranger: whatever doesn't fit reads as a change without author.
"""

import json
from dataclasses import dataclass
from typing import Final, TypeGuard

from store.domain.limits import NAME_CHARS_MAX

# The last millisecond that RFC 3339 can write (the year 9999): what is shown must be printable.
AT_MS_MAX: Final = 253_402_300_799_999
# Above what two names of full length take when every character is escaped as a surrogate pair.
MESSAGE_CHARS_MAX: Final = 2 * 12 * NAME_CHARS_MAX + 200


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who wrote a change, on which device, and when.

    Attributes:
        person: name as set by `whoami`; empty if unknown.
        device: name of the device; empty if unknown.
        at_ms: Unix milliseconds, UTC, 0 to `AT_MS_MAX`, by the writer's clock.
    """

    person: str
    device: str
    at_ms: int

    def message(self) -> str:
        """Write the stamp as the message of a change header."""
        fields = {"v": 1, "person": self.person, "device": self.device, "at_ms": self.at_ms}
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def stamp_of(message: str | None, time_s: int) -> Stamp:
    """Read the stamp of a change header; never raises.

    Args:
        message: the header's message, if it has one.
        time_s: the header's own time in Unix seconds, used where the message is not ours. Times
            that can't be shown are moved to the nearest that can.
    """
    foreign = Stamp("", "", min(max(time_s * 1000, 0), AT_MS_MAX))
    if message is None or len(message) > MESSAGE_CHARS_MAX:
        return foreign
    try:
        said = json.loads(message)
    except (ValueError, RecursionError):  # not JSON, a number too long to read, nested too deep
        return foreign
    if not isinstance(said, dict) or said.get("v") != 1:
        return foreign
    person, device, at_ms = said.get("person"), said.get("device"), said.get("at_ms")
    if not (_is_name(person) and _is_name(device)):
        return foreign
    if type(at_ms) is not int or not 0 <= at_ms <= AT_MS_MAX:
        return foreign
    return Stamp(person, device, at_ms)


def _is_name(value: object) -> TypeGuard[str]:
    """Tell whether it is text that can be stored and shown: short, and valid as UTF-8."""
    if not isinstance(value, str) or len(value) > NAME_CHARS_MAX:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)
