"""Who serves is announced, found by multicast, and followed by its certificate when it moves."""

import asyncio
import gc
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from zeroconf.asyncio import AsyncServiceInfo

from store import peers
from store.domain.ids import SpaceId
from store.errors import HomeBusy
from store.peers import PeerState
from store.replica import Replica
from sync.peer import discovery, neighbourhood
from sync.peer.discovery import Found, announced, find_hosts, interfaces_for
from sync.peer.host import Served
from sync.peer.neighbourhood import asks_devices, follow, keep_looking
from sync.protocol.address import join_address, split_address
from tests.sync.peer.homes import PIN, peers_of, person


@pytest.fixture
def ben(tmp_path: Path) -> "Replica":
    return person(tmp_path, "ben")


async def test_nothing_is_listened_to_once_no_device_is_asked_any_more(
    ben: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network is listened to while a device is asked, and let go of when it is forgotten."""
    looks, ended = asyncio.Queue[str](), asyncio.Queue[str]()

    @asynccontextmanager
    async def looking() -> AsyncIterator[asyncio.Queue[Found]]:
        looks.put_nowait("looks")
        yield asyncio.Queue()
        ended.put_nowait("ended")

    async def pause(_seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(discovery, "looking", looking)
    url = join_address("https://10.0.0.5:8790", PIN)
    space = SpaceId(ben.space().id)
    with ben.db.write() as conn:
        peers.attach_peer(conn, "p1", space, url=url, token="t", role="editor", kind=peers.DEVICE)
    task = asyncio.create_task(keep_looking(ben, sleep=pause, look_s=0.01))
    async with asyncio.timeout(20):
        await looks.get()
        with ben.db.write() as conn:
            peers.detach_peer(conn, "p1")

        assert await ended.get() == "ended"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert looks.empty()


async def test_looking_goes_on_when_the_home_can_not_be_read_for_a_moment(
    ben: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def asks(_replica: Replica) -> bool:
        asked.append("asked")
        if len(asked) == 1:
            raise HomeBusy(ben.home)
        return False

    paused: list[float] = []

    async def pause(seconds: float) -> None:
        paused.append(seconds)
        if len(paused) == 2:
            raise asyncio.CancelledError

    monkeypatch.setattr(neighbourhood, "asks_devices", asks)
    with pytest.raises(asyncio.CancelledError):
        await keep_looking(ben, sleep=pause)

    assert len(asked) == 2


async def test_devices_find_each_other_by_multicast_on_this_computer(tmp_path: Path) -> None:
    pin = secrets.token_hex(32)  # whatever other tests announce here at the same moment
    served = Served("", pin, 4711)
    try:
        async with announced(served, "127.0.0.1", "Ann’s laptop"):
            found = await find_hosts(
                10.0, interfaces=interfaces_for("127.0.0.1"), enough=lambda one: one.pin == pin
            )
    except OSError as failure:
        # An honest line: this machine's loopback takes no multicast, so nothing was seen here.
        print(f"no multicast on loopback: {failure}")  # noqa: T201
        with pytest.raises(OSError, match=r"."):
            await find_hosts(0.1, interfaces=["127.0.0.1"])
        return

    (one,) = [each for each in found if each.pin == pin]
    assert (one.device, one.url) == (
        "Ann’s laptop",
        f"https://127.0.0.1:4711#sha256={pin}",
    )


@pytest.mark.parametrize("turns", [1, 2, 3, 5, 10])
async def test_an_announcement_that_is_broken_off_while_it_begins_leaves_no_socket_open(
    turns: int,
) -> None:
    """What is left open is told when it is collected: a warning, which fails the test."""

    async def announce() -> None:
        with suppress(OSError):  # no multicast on this machine: then there is nothing to leave
            async with announced(Served("", PIN, 4711), "127.0.0.1", "Ann"):
                await asyncio.Event().wait()

    task = asyncio.create_task(announce())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    del task

    gc.collect()


def test_a_device_that_moved_is_followed_by_its_certificate_and_only_when_it_is_missed(
    ben: Replica,
) -> None:
    space = SpaceId(ben.space().id)
    url = join_address("https://10.0.0.5:8790", PIN)
    moved = Found("ann", join_address("https://10.0.0.9:8790", PIN), PIN)
    other = Found("ann", join_address("https://10.0.0.9:8790", "ee" * 32), "ee" * 32)
    with ben.db.write() as conn:
        peers.attach_peer(conn, "p1", space, url=url, token="t", role="editor", kind=peers.DEVICE)

    assert asks_devices(ben)
    assert not follow(ben, moved)  # it answers where it is
    with ben.db.write() as conn:
        peers.set_state(conn, "p1", PeerState.OFFLINE)
    assert asks_devices(ben, offline=True)
    assert not follow(ben, other)
    assert follow(ben, moved)

    (peer,) = peers_of(ben)
    assert split_address(peer.url).url == "https://10.0.0.9:8790"


@pytest.mark.parametrize(
    "said",
    [
        {"pin": "short"},
        {"pin": ""},
        {},
        {"pin": PIN, "device": "tab\there"},
    ],
)
def test_what_is_announced_is_checked(said: dict[str, str]) -> None:
    info = AsyncServiceInfo(
        discovery.SERVICE,
        f"x.{discovery.SERVICE}",
        addresses=[bytes([10, 0, 0, 9])],
        port=1,
        properties=said,
    )

    assert discovery.read_info(info) is None
