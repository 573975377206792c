"""What the tests of rubbish share: one server for all of a module's, which must stand all of it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sync.protocol import codec
from tests.support.asking import creation
from tests.support.pushes import change
from tests.support.server import RunningServer, running_server

ANSWER_S_MAX = 10.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for all the rubbish, which must not have minded any of it in the end."""
    with running_server(tmp_path_factory.mktemp("rubbish")) as running:
        yield running
        assert "Traceback" not in running.log()
        assert "status=500" not in running.log()


@pytest.fixture(scope="module")
def owner(server: RunningServer) -> dict[str, Any]:
    """What the owner of a space got: `space`, `token`, `replica`."""
    answer = httpx.post(
        f"{server.url}/v1/spaces",
        content=codec.encode(creation(server.setup_code), codec.JSON),
        headers={"content-type": codec.JSON, "accept": codec.JSON},
    )
    joined: dict[str, Any] = answer.json()
    return joined


@pytest.fixture(scope="module")
def client(server: RunningServer, owner: dict[str, Any]) -> Iterator[httpx.Client]:
    """The owner's way in, with a good token."""
    headers = {
        "authorization": f"Bearer {owner['token']}",
        "accept": codec.JSON,
        "content-type": codec.JSON,
    }
    with httpx.Client(base_url=server.url, headers=headers, timeout=ANSWER_S_MAX) as asking:
        yield asking


@pytest.fixture(autouse=True)
def still_works(client: httpx.Client, owner: dict[str, Any]) -> Iterator[None]:
    """After every test a push goes in as if nothing had happened."""
    yield
    row = change().row
    answer = client.post(
        "/v1/sync/push",
        content=codec.encode({"space": owner["space"], "rows": [row]}, codec.JSON),
        headers={"content-type": codec.JSON},
    )
    assert answer.json()["accepted"] == 1
