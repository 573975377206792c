"""A part of a tab waits for rows to move, and stops when it goes away."""

import asyncio

import pytest

from app.ui.changes import moved_within


@pytest.mark.parametrize("ticks", range(5))
async def test_a_part_that_goes_as_rows_move_asks_no_more(ticks: int) -> None:
    moved = asyncio.Event()

    async def follow() -> None:
        while True:
            moved.clear()
            await moved_within(moved, 60)

    part = asyncio.create_task(follow())
    await turns(2)  # it waits

    moved.set()
    await turns(ticks)
    part.cancel()
    await turns(5)

    assert part.cancelled()


async def turns(number: int) -> None:
    """Let the loop go round so many times."""
    for _ in range(number):
        await asyncio.sleep(0)
