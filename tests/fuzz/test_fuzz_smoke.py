"""Each decoder reads its examples, and says no to what they become under a few thousand cuts."""

from random import Random

import pytest

from tests.fuzz.targets import TARGETS

ROUNDS = 1_000


def mutated(content: bytes, rng: Random) -> bytes:
    """Cut, double, overwrite or flip something, a few times."""
    now = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        at, size = rng.randrange(len(now) + 1), rng.randint(1, 16)
        match rng.randrange(4):
            case 0:
                del now[at : at + size]
            case 1:
                now[at:at] = now[at : at + size]
            case 2:
                now[at : at + size] = rng.randbytes(size)
            case _ if at < len(now):
                now[at] ^= 1 << rng.randrange(8)
    return bytes(now)


@pytest.mark.parametrize("name", TARGETS)
def test_a_decoder_says_no_in_its_own_words_only(name: str) -> None:
    target, rng = TARGETS[name], Random(f"fuzz {name}")
    examples = list(target.examples())
    for example in examples:
        target.try_one(example)
    for _ in range(ROUNDS):
        target.try_one(mutated(rng.choice(examples), rng))
