"""Keys that sort: between any two of them there is room for another (fractional indexing).

    key       = integer [fraction]          compared as plain ASCII text, byte by byte
    integer   = head digits                 a..z: 1 to 26 digits follow, not negative
                                            Z..A: 1 to 26 digits follow, negative
    fraction  = digits, the last not 0      digits are 0-9A-Za-z, base 62

Adding at either end counts the integer up or down: ten thousand tasks need four characters.
Inserting again and again at one place halves what is left, and costs a character in about six.
Deterministic: two devices that insert at the same place apart make the same key; who sorts breaks
the tie by document id, and who then inserts between the two takes the next neighbour that differs.

Source: "Implementing Fractional Indexing" (D. Greenspan, 2020), as in rocicorp/fractional-indexing.
"""

from typing import Final

from store.domain.errors import InvalidValue

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES: Final = {digit: value for value, digit in enumerate(DIGITS)}
_FIRST: Final = "a0"
# The lowest integer has no predecessor, so it is only ever used with a fraction behind it.
_LOWEST: Final = "A" + DIGITS[0] * 26


def between(a: str | None, b: str | None) -> str:
    """Make a key after `a` and before `b`.

    Args:
        a: the key before it; None if it is to be the first.
        b: the key behind it; None if it is to be the last.

    Raises:
        InvalidValue: a key is not one of ours, or `a` is not before `b`.
    """
    for key in (a, b):
        if key is not None and not is_order_key(key):
            raise InvalidValue(f"{key[:40]!a} is not an order key.", field="order")
    if a is not None and b is not None:
        if a >= b:
            raise InvalidValue("There is no place between these two.", field="order")
        return _inside(a, b)
    if a is not None:
        return _behind(a)
    return _FIRST if b is None else _before(b)


def many_between(a: str | None, b: str | None, count: int) -> tuple[str, ...]:
    """Make `count` keys in rising order after `a` and before `b`; raises as `between` does."""
    if count == 0:
        return ()
    if b is None or a is None:
        keys: list[str] = []
        for _ in range(count):
            keys.append(between(a, b))
            a, b = (keys[-1], None) if b is None else (None, keys[-1])
        return tuple(sorted(keys))
    middle = between(a, b)
    left = (count - 1) // 2
    return (
        *many_between(a, middle, left),
        middle,
        *many_between(middle, b, count - 1 - left),
    )


def is_order_key(text: str) -> bool:
    """Tell whether the text is a key as `between` makes them."""
    if not text or any(digit not in _VALUES for digit in text) or text[0] < "A":
        return False
    length = _integer_length(text[0])
    if len(text) < length or text == _LOWEST:
        return False
    return len(text) == length or text[-1] != DIGITS[0]


def _inside(a: str, b: str) -> str:
    a_integer, a_fraction = _split(a)
    b_integer, b_fraction = _split(b)
    if a_integer == b_integer:
        return a_integer + _midpoint(a_fraction, b_fraction)
    following = _stepped(a_integer, 1)
    if following is not None and following < b:
        return following
    return a_integer + _midpoint(a_fraction, None)


def _behind(a: str) -> str:
    integer, fraction = _split(a)
    following = _stepped(integer, 1)
    return integer + _midpoint(fraction, None) if following is None else following


def _before(b: str) -> str:
    integer, fraction = _split(b)
    if integer == _LOWEST:
        return integer + _midpoint("", fraction)
    if fraction:
        return integer
    preceding = _stepped(integer, -1)
    # Only the lowest integer has none, and that was dealt with; it itself can't stand alone.
    assert preceding is not None
    return preceding + _midpoint("", None) if preceding == _LOWEST else preceding


def _midpoint(a: str, b: str | None) -> str:
    """Make a fraction between two, short rather than exact. None for `b` means 1.

    Both are digits behind the point, without trailing zeros, and a < b.
    """
    if b is not None:
        # What both begin with, reading `a` as if zeros went on for ever.
        shared = 0
        while shared < len(b) and (a[shared : shared + 1] or DIGITS[0]) == b[shared]:
            shared += 1
        if shared:
            return b[:shared] + _midpoint(a[shared:], b[shared:])
    low = _VALUES[a[0]] if a else 0
    high = _VALUES[b[0]] if b else len(DIGITS)
    if high - low > 1:
        return DIGITS[(low + high + 1) // 2]
    if b is not None and len(b) > 1:
        return b[0]
    return DIGITS[low] + _midpoint(a[1:], None)


def _split(key: str) -> tuple[str, str]:
    length = _integer_length(key[0])
    return key[:length], key[length:]


def _integer_length(head: str) -> int:
    """Give the length of an integer with this head, the head included."""
    return ord(head) - ord("a") + 2 if head >= "a" else ord("Z") - ord(head) + 2


def _stepped(integer: str, step: int) -> str | None:
    """Count an integer up (1) or down (-1); None past the last one at that end."""
    head, values = integer[0], [_VALUES[digit] for digit in integer[1:]]
    for place in reversed(range(len(values))):
        values[place] += step
        if 0 <= values[place] < len(DIGITS):
            return head + "".join(DIGITS[value] for value in values)
        values[place] %= len(DIGITS)
    if head == ("z" if step > 0 else "A"):
        return None
    digit = DIGITS[0] if step > 0 else DIGITS[-1]
    if head == ("Z" if step > 0 else "a"):
        return ("a" if step > 0 else "Z") + digit
    head = chr(ord(head) + step)
    return head + digit * (_integer_length(head) - 1)
