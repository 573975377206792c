"""Who may talk to the app's page: who knows the token, from this machine, from our own page."""

from collections.abc import Iterator

import flet as ft
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.ui.web_server import page_app

PORT = 8600
OURS = f"http://127.0.0.1:{PORT}"


async def nothing(_: ft.Page) -> None:
    """Draw nothing."""


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = page_app(nothing, token="secret", port=PORT)
    with TestClient(app, base_url=OURS) as opened:
        yield opened


def test_the_page_is_there_for_who_knows_the_token(client: TestClient) -> None:
    answer = client.get("/secret/")

    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/secre/", "/secret2/", "//secret/", "/ws", "/assets/x"])
def test_nothing_is_there_without_it(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 403
    assert "address that Cairn showed" in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil:8600"]
)
def test_another_name_for_this_machine_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/secret/", headers={"host": host}).status_code == 403


def test_a_script_of_another_site_is_refused(client: TestClient) -> None:
    answer = client.get("/secret/", headers={"origin": "https://evil.example"})

    assert answer.status_code == 403


@pytest.mark.parametrize("origin", [None, "https://evil.example", f"http://127.0.0.1:{PORT + 1}"])
def test_a_web_socket_must_come_from_our_own_page(client: TestClient, origin: str | None) -> None:
    headers = {"host": f"127.0.0.1:{PORT}"} | ({"origin": origin} if origin else {})

    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect("/secret/ws", headers=headers),
    ):
        pass

    assert refused.value.code == 4403


@pytest.mark.parametrize("family", ["notosanssc", "notocoloremoji", "no-such-family"])
def test_a_font_that_the_engine_asks_for_is_always_there(client: TestClient, family: str) -> None:
    answer = client.get(f"/secret/assets/fonts/{family}/v1/any.woff2")

    assert answer.status_code == 200
    assert answer.content
