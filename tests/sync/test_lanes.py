"""Worker threads of a server, and jobs whose callers go away."""

import asyncio
import gc
import logging
import threading
from pathlib import Path

import pytest

from store.errors import StorageFull
from sync.server.lanes import Lane, Lanes


async def test_a_job_that_fails_after_its_caller_went_away_is_told_to_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Seed 1147: asyncio alone complained, of an exception that nobody had retrieved."""
    complaints: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context["message"]))
    begun, go_on = threading.Event(), threading.Event()

    def job() -> None:
        begun.set()
        go_on.wait()
        raise StorageFull(tmp_path)

    lanes = Lanes()
    with caplog.at_level(logging.WARNING, logger="cairn.server"):
        asked = loop.create_task(lanes.run(Lane.WRITE, job))
        await asyncio.to_thread(begun.wait)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        go_on.set()
        await asyncio.to_thread(lanes.close)
        await lanes_are_idle(lanes)
    del asked
    gc.collect()
    await asyncio.sleep(0)

    assert [record.getMessage() for record in caplog.records] == [f"store: {StorageFull(tmp_path)}"]
    assert complaints == []


async def lanes_are_idle(lanes: Lanes) -> None:
    """Let the loop hear of all jobs that have ended."""
    while any(lanes._jobs.values()):  # noqa: ASYNC110 -- callbacks of a closed pool, in a few turns
        await asyncio.sleep(0)
