"""Short codes that a person reads out and types: 8 characters of Crockford's base 32, 40 bits."""

from collections.abc import Callable
from typing import Final

CODE_BYTES: Final = 5
_CODE_CHARS: Final = 8

# No letter that looks like another character.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_code(entropy: Callable[[int], bytes]) -> str:
    """Make a code like `K7QM-3TXA`."""
    number = int.from_bytes(entropy(CODE_BYTES), "big")
    letters = "".join(_ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
    return f"{letters[:4]}-{letters[4:]}"


def plain_code(text: str) -> str:
    """Write what was typed without dashes and lookalikes, in upper case."""
    return text.upper().translate(_LOOKALIKES)


def read_code(text: str) -> str | None:
    """Read a code as it was typed; None if it is none."""
    typed = plain_code(text.strip())
    is_code = len(typed) == _CODE_CHARS and all(letter in _ALPHABET for letter in typed)
    return typed if is_code else None
