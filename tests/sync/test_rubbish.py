"""Whatever is asked of a server, it answers with a problem in good time, and goes on working."""

import os
from typing import Any

import httpx
import msgspec
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.protocol import codec, routes
from tests.sync import rubbish

# The fixtures of this module, with a server of its own.
server = rubbish.server
owner = rubbish.owner
client = rubbish.client
still_works = rubbish.still_works

POSTS = [route for route in routes.ALL if route.method == "POST"]
GETS = [route for route in routes.ALL if route.method == "GET"]
WITH_QUERY = [route for route in GETS if route is not routes.HEALTH]


def check_problem(answer: httpx.Response, *statuses: int) -> None:
    """Check that an answer is a refusal in the protocol's form, and says nothing of the inside."""
    assert 400 <= answer.status_code < 500, answer.text
    assert not statuses or answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == codec.PROBLEM
    problem = answer.json()
    assert problem["type"].startswith("urn:cairn:problem:")
    assert problem["status"] == answer.status_code
    assert problem["title"]
    assert problem["detail"].endswith(".")
    assert "\n" not in problem["detail"]
    assert "File " not in answer.text
    assert "sqlite" not in answer.text.lower()


def bomb(megabytes: int) -> bytes:
    """Zeros, which zstd makes a thousand times smaller and more."""
    return zstandard.ZstdCompressor(level=19).compress(bytes(megabytes << 20))


JSON_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "text": b"hello",
    "a list": b"[]",
    "null": b"null",
    "a number": b"7",
    "an empty object": b"{}",
    "half": b'{"space": "s1", "rows": [',
    "deep": b'{"space":' + b"[" * 50_000,
    "a wrong type": b'{"space": 7}',
    "null fields": b'{"space": null, "rows": null, "ranges": null, "docs": null}',
    "a NUL": b'{"space": "s\\u0000"}',
    "a lone surrogate": b'{"space": "\\ud800", "rows": [], "ranges": [], "docs": []}',
    "raw surrogates": b'{"space": "\xed\xa0\x80", "rows": [], "ranges": [], "docs": []}',
    "not UTF-8": b'{"space": "\xff\xfe"}',
    "a long space": b'{"space": "' + b"s" * 5_000 + b'"}',
    "another space": b'{"space": "s' + b"a" * 26 + b'", "rows": [], "ranges": [], "docs": []}',
    "huge numbers": b'{"space":"s1","ranges":[{"lo":"","hi":"~","digest":"","count":1e999}]}',
    "a negative count": b'{"space":"s1","ranges":[{"lo":"","hi":"~","digest":"","count":-1}]}',
    "a row of nothing": b'{"space": "s1", "rows": [{}]}',
    "bad base64": b'{"space":"s1","rows":[{"type":"change","doc":"t","hash":"!!","bytes":"?"}]}',
    "a twin key": b'{"space": "s1", "space": "s2"}',
}


@pytest.mark.parametrize("what", JSON_BODIES)
@pytest.mark.parametrize("route", POSTS, ids=lambda route: route.path)
def test_a_rubbish_body_is_a_problem(
    client: httpx.Client, route: routes.Route[Any, Any, Any], what: str
) -> None:
    check_problem(client.post(route.path, content=JSON_BODIES[what]))


@pytest.mark.parametrize("media_type", codec.MEDIA_TYPES)
@pytest.mark.parametrize("route", POSTS, ids=lambda route: route.path)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(max_size=200))
def test_any_bytes_are_a_problem(
    client: httpx.Client, route: routes.Route[Any, Any, Any], media_type: str, body: bytes
) -> None:
    check_problem(client.post(route.path, content=body, headers={"content-type": media_type}))


fields = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.binary(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "doc", "hash", "bytes", "lo", "hi", "digest", "count", "heads"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("route", POSTS, ids=lambda route: route.path)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_messages_with_odd_fields_are_problems_or_understood(
    client: httpx.Client,
    owner: dict[str, Any],
    route: routes.Route[Any, Any, Any],
    data: st.DataObject,
) -> None:
    assert route.body is not None
    names = [field.encode_name for field in msgspec.structs.fields(route.body)]
    message = {name: data.draw(fields) for name in names}
    message["space"] = owner["space"]
    try:
        body = msgspec.msgpack.encode(message)
    except OverflowError:  # MessagePack has no integers of more than 64 bits
        return

    answer = client.post(route.path, content=body, headers={"content-type": codec.MSGPACK})

    if answer.status_code != 200:
        check_problem(answer)


HEADERS: dict[str, tuple[dict[str, str], int]] = {
    "no content type": ({"content-type": ""}, 415),
    "a form": ({"content-type": "application/x-www-form-urlencoded"}, 415),
    "xml": ({"content-type": "text/xml; charset=utf-8"}, 415),
    "gzip": ({"content-encoding": "gzip"}, 415),
    "two encodings": ({"content-encoding": "zstd, zstd"}, 415),
    "zstd that is none": ({"content-encoding": "zstd"}, 400),
    "html only": ({"accept": "text/html"}, 406),
    "rubbish accept": ({"accept": ";;;,,,/"}, 406),
    "another digest": ({"content-digest": "sha-256=:AAAA:"}, 400),
}


@pytest.mark.parametrize("what", HEADERS)
@pytest.mark.parametrize("route", POSTS, ids=lambda route: route.path)
def test_rubbish_headers_are_a_problem(
    client: httpx.Client, route: routes.Route[Any, Any, Any], what: str
) -> None:
    headers, status = HEADERS[what]

    check_problem(client.post(route.path, content=b'{"space": "s1"}', headers=headers), status)


TOKENS = [
    "",
    "Bearer",
    "Basic YWxpY2U6YWxpY2U=",
    "Bearer " + "x" * 43,
    "Bearer " + "x" * 5_000,
    "Bearer \x7f\xff",
    "Bearer a b",
    "bearer' OR 1=1 --",
]


@pytest.mark.parametrize("token", TOKENS, ids=range(len(TOKENS)))
@pytest.mark.parametrize(
    "route", [route for route in routes.ALL if route.token], ids=lambda route: route.path
)
def test_a_rubbish_token_opens_nothing(
    client: httpx.Client, route: routes.Route[Any, Any, Any], token: str
) -> None:
    headers = {b"authorization": token.encode("latin-1")}
    query = {"space": "s" + "a" * 26, "stamp": "1"} if route.body is None else {}
    rows = (
        b'{"space":"s1","rows":[],"ranges":[],"docs":[],"role":"owner","id":"r","replica":"r",'
        b'"at_ms":1,"commands":[{"key":"k","command":{"type":"settle","item":"i"}}],"acts":[""]}'
    )

    answer = client.request(
        route.method,
        route.path,
        params=query,
        headers=headers,
        content=None if route.body is None else rows,
    )

    check_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


QUERIES = [
    "",
    "space",
    "space=",
    "space=hut",
    "space=%ff%fe",
    "space=%00",
    "space=%F0%9F%98%80",
    "space=" + "s" * 1_500,
    "space=" + "s" * 10_000,
    "space=s1&space=s2",
    "&".join(f"f{number}=1" for number in range(100)),
    "%",
    "&&&===",
    "space=OWN&cursor=" + "A" * 300,
    "space=OWN&cursor=%00",
    "space=OWN&cursor=rubbish",
    "space=OWN&cursor=rubbish&rows_max=-1",
    "space=OWN&cursor=rubbish&rows_max=0",
    "space=OWN&cursor=rubbish&rows_max=99999999999999999999999",
    "space=OWN&cursor=rubbish&rows_max=1e3",
    "space=OWN&cursor=rubbish&rows_max=nan",
    "space=OWN&cursor=rubbish&log=rubbish",
    "space=OWN&cursor=rubbish&timeout_s=-1",
    "space=OWN&cursor=rubbish&timeout_s=1e308",
    "space=OWN&cursor=rubbish&timeout_s=inf",
    "space=OWN&cursor=rubbish&timeout_s=nan",
]
_NEEDS_CURSOR = ("/v1/sync/pull", "/v1/sync/wait")


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
@pytest.mark.parametrize("route", WITH_QUERY, ids=lambda route: route.path)
def test_a_rubbish_query_is_a_problem(
    client: httpx.Client, owner: dict[str, Any], route: routes.Route[Any, Any, Any], query: str
) -> None:
    if "OWN" in query and route.path not in _NEEDS_CURSOR:
        query = query.replace("OWN", "hut")  # there the rest is of no interest
    answer = client.get(f"{route.path}?{query.replace('OWN', owner['space'])}")

    check_problem(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/",
        "/v1/sync",
        "/v1/sync/push/",
        "/v1/sync/push%00",
        "/v1//sync/push",
        "/v1/sync/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/v1/sync/pu%73h%2f",
        "/V1/SYNC/PUSH",
        "/v0/sync/push",
        "/v999999/sync/push",
        "/favicon.ico",
        "/" + "x" * 300,
        "/" + "x" * 5_000,
        "/%ff%fe",
        "/\N{GRINNING FACE}",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_an_unknown_address_is_a_problem(client: httpx.Client, method: str, path: str) -> None:
    check_problem(client.request(method, path), 404, 414)


@pytest.mark.parametrize("route", routes.ALL, ids=lambda route: route.path)
def test_another_method_is_a_problem(
    client: httpx.Client, route: routes.Route[Any, Any, Any]
) -> None:
    others = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"} - {route.method}
    for method in sorted(others):
        check_problem(client.request(method, route.path), 405)


def test_a_head_request_has_no_body(client: httpx.Client) -> None:
    answer = client.head("/healthz")

    assert (answer.status_code, answer.content) == (405, b"")


@pytest.mark.parametrize("route", POSTS, ids=lambda route: route.path)
def test_a_body_above_the_limit_is_too_large(
    client: httpx.Client, route: routes.Route[Any, Any, Any]
) -> None:
    body = os.urandom(route.body_bytes_max + 1)

    check_problem(client.post(route.path, content=body), 413)
    check_problem(client.post(route.path, content=iter([body])), 413)  # chunked, of unstated size


@pytest.mark.parametrize("route", POSTS, ids=lambda route: route.path)
def test_a_bomb_is_too_large(client: httpx.Client, route: routes.Route[Any, Any, Any]) -> None:
    answer = client.post(route.path, content=bomb(64), headers={"content-encoding": "zstd"})

    check_problem(answer, 413)


@pytest.mark.parametrize("route", GETS, ids=lambda route: route.path)
def test_a_body_where_none_belongs_is_a_problem(
    client: httpx.Client, route: routes.Route[Any, Any, Any]
) -> None:
    check_problem(client.request("GET", route.path, content=b"{}"), 400)


def test_a_stranger_sends_no_large_body(client: httpx.Client) -> None:
    body = os.urandom(1 << 20)

    answer = client.post("/v1/sync/push", content=body, headers={"authorization": "Bearer unknown"})

    check_problem(answer, 401)


def test_rows_that_are_no_changes_are_refused_row_by_row(
    client: httpx.Client, owner: dict[str, Any]
) -> None:
    rows = [
        {"type": "change", "doc": doc, "hash": os.urandom(32), "bytes": os.urandom(size)}
        for doc in ("", "x", "t1" + "a" * 26, "\x00", "é" * 30)
        for size in (0, 1, 100)
    ]

    answer = client.post(
        "/v1/sync/push",
        content=msgspec.msgpack.encode({"space": owner["space"], "rows": rows}),
        headers={"content-type": codec.MSGPACK},
    )

    assert answer.status_code == 200
    assert len(answer.json()["refused"]) == len(rows)
