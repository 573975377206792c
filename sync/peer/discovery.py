"""Finding each other on the local network: multicast DNS service discovery, by zeroconf.

A home that serves is announced as `_cairn._tcp` with the fingerprint of its certificate and its
device's name. Nothing of that is believed: who is found is spoken to only under a fingerprint that
a code or an earlier joining has proved. Looking tells nobody more than that a Cairn is looking.
"""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from zeroconf import InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import (
    AsyncServiceBrowser,
    AsyncServiceInfo,
    AsyncZeroconf,
)

from sync.protocol.address import join_address, read_pin
from sync.server.listening import reachable_host

if TYPE_CHECKING:
    from sync.peer.host import Served

SERVICE: Final = "_cairn._tcp.local."
DETAILS_MS: Final = 1_500  # for the address of somebody who was just heard of
FOUND_MAX: Final = 50  # whoever floods the network with names fills no memory here
NAME_CHARS_MAX: Final = 63  # of one label of DNS
_LOOPBACK: Final = "127.0.0.1"

Interfaces = InterfaceChoice | Sequence[str]


@dataclass(frozen=True, slots=True)
class Found:
    """A device that says that it serves.

    Attributes:
        device: its name, as it says.
        url: where, with the fingerprint that it says.
        pin: that fingerprint.
    """

    device: str
    url: str
    pin: str


@contextlib.asynccontextmanager
async def announced(served: "Served", host: str, device: str) -> AsyncIterator[None]:
    """Announce a home that serves, for as long as the block lasts.

    Args:
        served: where it serves.
        host: the address that it listens at; a loopback address is announced on this computer only.
        device: its name.

    Raises:
        OSError: this computer has no network that takes multicast.
    """
    interfaces = interfaces_for(host)
    address = _LOOPBACK if interfaces != InterfaceChoice.All else reachable_host("0.0.0.0")
    async with _multicast(interfaces) as zeroconf:
        info = AsyncServiceInfo(
            SERVICE,
            f"{_label(device)}-{served.pin[:8]}.{SERVICE}",
            addresses=[socket.inet_aton(address)] if _is_v4(address) else [],
            port=served.port,
            properties={"v": "1", "pin": served.pin, "device": device},
            server=f"cairn-{served.pin[:16]}.local.",
        )
        registering = await zeroconf.async_register_service(info, allow_name_change=True)
        await registering
        yield


@contextlib.asynccontextmanager
async def _multicast(interfaces: Interfaces) -> AsyncIterator[AsyncZeroconf]:
    """Open the sockets of multicast DNS, and close them with the block, with a goodbye.

    Zeroconf that is cancelled while it begins leaves them open, so its beginning is shielded.
    """
    zeroconf = AsyncZeroconf(interfaces=interfaces, ip_version=IPVersion.V4Only)
    beginning = asyncio.ensure_future(zeroconf.zeroconf.async_wait_for_start())
    try:
        await asyncio.shield(beginning)
        yield zeroconf
    finally:
        await asyncio.gather(beginning, return_exceptions=True)
        await zeroconf.async_close()


async def find_hosts(
    timeout_s: float,
    *,
    interfaces: Interfaces = InterfaceChoice.All,
    enough: Callable[[Found], bool] = lambda _found: False,
) -> list[Found]:
    """Look for devices that serve.

    Args:
        timeout_s: how long to look.
        interfaces: on which.
        enough: says of one that nobody else has to be waited for.

    Raises:
        OSError: this computer has no network that takes multicast.
    """
    found: dict[str, Found] = {}
    async with looking(interfaces) as heard:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while len(found) < FOUND_MAX:
                    one = await heard.get()
                    found[one.pin] = one
                    if enough(one):
                        break
    return sorted(found.values(), key=lambda one: (one.device, one.pin))


@contextlib.asynccontextmanager
async def looking(
    interfaces: Interfaces = InterfaceChoice.All,
) -> AsyncIterator["asyncio.Queue[Found]"]:
    """Look for devices that serve while the block lasts; those heard of come by a queue.

    Raises:
        OSError: this computer has no network that takes multicast.
    """
    heard: asyncio.Queue[Found] = asyncio.Queue(FOUND_MAX)
    asking: set[asyncio.Task[None]] = set()

    async def ask(zeroconf: Zeroconf, name: str) -> None:
        info = AsyncServiceInfo(SERVICE, name)
        if await info.async_request(zeroconf, DETAILS_MS):
            one = read_info(info)
            if one is not None and not heard.full():
                heard.put_nowait(one)

    def changed(
        zeroconf: Zeroconf,  # it calls this by these names
        service_type: str,  # noqa: ARG001
        name: str,
        state_change: ServiceStateChange,
    ) -> None:
        if state_change is not ServiceStateChange.Removed and len(asking) < FOUND_MAX:
            task = asyncio.ensure_future(ask(zeroconf, name))
            asking.add(task)
            task.add_done_callback(asking.discard)

    async with _multicast(interfaces) as opened:
        browser = AsyncServiceBrowser(opened.zeroconf, SERVICE, handlers=[changed])
        try:
            yield heard
        finally:
            for task in tuple(asking):
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
            await browser.async_cancel()


def read_info(info: AsyncServiceInfo) -> Found | None:
    """Read what somebody announced; None where it is not usable."""
    said = info.decoded_properties
    pin = read_pin(f"sha256={said.get('pin') or ''}")
    addresses = info.parsed_addresses(IPVersion.V4Only)
    device = (said.get("device") or "")[:NAME_CHARS_MAX]
    if pin is None or not addresses or not info.port or not device.isprintable():
        return None
    return Found(device, join_address(f"https://{addresses[0]}:{info.port}", pin), pin)


def interfaces_for(host: str) -> Interfaces:
    """Where to announce what listens at an address: on this computer alone, or everywhere."""
    try:
        is_here = ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        is_here = host == "localhost"
    return [_LOOPBACK] if is_here else InterfaceChoice.All


def _label(device: str) -> str:
    """A device's name as the beginning of a label of DNS."""
    plain = "".join(char if char.isalnum() or char in " -_" else "-" for char in device)
    return plain.encode()[: NAME_CHARS_MAX - 9].decode(errors="ignore").strip() or "cairn"


def _is_v4(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).version == 4
    except ValueError:
        return False
