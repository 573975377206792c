"""What the tests of the doors share: a clock of their own, and a look at what is refused."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from sync.errors import Refused


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now_ms: int = 1_763_898_123_000

    def __call__(self) -> int:
        return self.now_ms


async def refused_with(
    slug: str, error: type[Refused], asking: Callable[[], Awaitable[object]]
) -> None:
    """Check that asking is refused with this type."""
    with pytest.raises(error) as refused:
        await asking()
    assert refused.value.type == slug
    assert refused.value.detail.endswith(".")
