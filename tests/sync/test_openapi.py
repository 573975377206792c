"""The protocol's OpenAPI document is true: made from the routes, and like the file in `docs/`."""

from pathlib import Path

import pytest

from sync.protocol import routes
from sync.protocol.openapi import document, text

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_document_in_docs_is_the_one_that_the_protocol_makes() -> None:
    assert FILE.read_text() == text(), "run: python -m sync.protocol.openapi > docs/openapi.json"


@pytest.mark.parametrize("route", routes.ALL, ids=lambda route: route.path)
def test_every_route_says_what_it_takes_and_gives(route: routes.Route) -> None:  # type: ignore[type-arg]
    operation = document()["paths"][route.path][route.method.lower()]

    assert ("security" in operation) == route.token
    assert ("requestBody" in operation) == (route.body is not None)
    assert {"200", "4XX", "5XX"} == operation["responses"].keys()
    assert operation["description"]


def test_whatever_is_referred_to_is_there() -> None:
    components = document()["components"]["schemas"]
    referred = [part.partition('"')[0] for part in text().split('"#/components/schemas/')[1:]]

    assert len(referred) > 20
    assert set(referred) <= set(components)
