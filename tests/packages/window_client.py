"""A desktop client for the window in tests: Flet's of 0.82, which a package ships, on 1.0's wire.

Flet's own client of today is not in any package, so a machine that reaches packages alone has none.
The older one draws what Cairn shows, but speaks a bare stream of MessagePack where today's has a
length and a kind before every message. This program stands between: the app starts it as its client
(`FLET_VIEW_PATH`), and it starts the old one. For tests only: what a control learned after 0.82 is
not drawn.
"""

import asyncio
import os
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

import msgpack  # type: ignore[import-untyped]

CLIENT: Final = "CAIRN_TEST_CLIENT"  # the folder of the old one
LENGTH: Final = 4
KIND: Final = b"\x00"  # a message; other kinds are channels that the old one doesn't know


def place(folder: Path, archive: Path) -> dict[str, str]:
    """Unpack the old client and put this program before it; gives the environment for the app.

    Args:
        folder: an empty one.
        archive: `flet-linux-*.tar.gz` of the package `flet-desktop-light`.
    """
    with tarfile.open(archive) as packed:
        packed.extractall(folder / "old", filter="data")
    view = folder / "view"
    view.mkdir()
    script = view / "flet"
    root = Path(__file__).parents[2]
    script.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(root)!r})\n"
        "from tests.packages.window_client import main\nmain()\n"
    )
    script.chmod(0o755)
    (client,) = (each for each in (folder / "old").rglob("flet") if each.is_file())
    return {"FLET_VIEW_PATH": str(view), CLIENT: str(client)}


def main() -> None:
    """Be the client: `flet PAGE_URL PID_FILE ...`."""
    asyncio.run(_stand_between(sys.argv[1], sys.argv[2:]))


async def _stand_between(page: str, rest: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        inner = str(Path(folder, "page"))
        gone = asyncio.Event()

        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            from_app, to_app = await asyncio.open_unix_connection(page)
            both = [
                asyncio.create_task(_to_app(reader, to_app)),
                asyncio.create_task(_to_client(from_app, writer)),
            ]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            gone.set()

        server = await asyncio.start_unix_server(meet, inner)
        client = await asyncio.create_subprocess_exec(os.environ[CLIENT], inner, *rest)
        ended = asyncio.create_task(client.wait())
        await asyncio.wait(
            [ended, asyncio.create_task(gone.wait())], return_when=asyncio.FIRST_COMPLETED
        )
        if client.returncode is None:
            client.terminate()
        await ended
        server.close()


async def _to_app(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    unpacker = msgpack.Unpacker(raw=False, ext_hook=msgpack.ExtType, strict_map_key=False)
    while data := await reader.read(1 << 20):
        unpacker.feed(data)
        for message in unpacker:
            packet = KIND + msgpack.packb(message)
            writer.write(len(packet).to_bytes(LENGTH, "little") + packet)
        await writer.drain()


async def _to_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            length = int.from_bytes(await reader.readexactly(LENGTH), "little")
            packet = await reader.readexactly(length)
            if packet[:1] == KIND:
                writer.write(packet[1:])
                await writer.drain()
    except asyncio.IncompleteReadError:  # the app has closed
        return
