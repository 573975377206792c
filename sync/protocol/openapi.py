"""The protocol as an OpenAPI 3.1 document, made from the routes and messages themselves.

`python -m sync.protocol.openapi` writes it to standard output; `docs/openapi.json` is a copy, and a
test fails where the two differ. It describes the JSON side; MessagePack has the same messages.
"""

import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from sync.protocol import codec, routes
from sync.protocol.problems import TYPES, Problem
from sync.protocol.routes import Route
from sync.protocol.version import PROTOCOL_VERSION

TITLE: Final = "Cairn's sync protocol"
_AUTHORIZATION: Final = "deviceToken"
_REF: Final = "#/components/schemas/{name}"
_ERRORS: Final = ("4XX", "5XX")


@dataclass(frozen=True)
class Written:
    """The messages as JSON Schema.

    Attributes:
        references: to each message.
        components: the schemas that they refer to, by name.
    """

    references: Mapping[type, Mapping[str, Any]]
    components: Mapping[str, Any]

    def schema(self, shape: type) -> Any:
        """The schema of a message itself."""
        return self.components[self.references[shape]["$ref"].rpartition("/")[2]]


def document() -> dict[str, Any]:
    """Make the document."""
    shapes: set[type] = {Problem}
    for route in routes.ALL:
        shapes |= {route.query, route.reply} | ({route.body} if route.body else set())
    ordered = sorted(shapes, key=lambda shape: shape.__name__)
    references, components = msgspec.json.schema_components(ordered, ref_template=_REF)
    written = Written(dict(zip(ordered, references, strict=True)), components)
    paths: dict[str, Any] = {}
    for route in routes.ALL:
        operation = _operation(route, written)
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": str(PROTOCOL_VERSION), "description": _description()},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {_AUTHORIZATION: {"type": "http", "scheme": "bearer"}},
        },
    }


def _description() -> str:
    slugs = ", ".join(sorted(TYPES))
    return (
        "Bodies are JSON or MessagePack, by Content-Type and Accept; byte strings are base64 in "
        "JSON. What goes wrong is told as a problem (RFC 9457) of one of these types, as "
        f"urn:cairn:problem:<type>: {slugs}."
    )


def _operation(route: Route[Any, Any, Any], written: Written) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": route.path.removeprefix("/").replace("/", "-"),
        "description": inspect.getdoc(route.body or route.query) or "",
        "responses": {
            "200": _content("What was asked for.", codec.JSON, written.references[route.reply]),
            **{
                each: _content("A problem.", codec.PROBLEM, written.references[Problem])
                for each in _ERRORS
            },
        },
    }
    if route.token:
        found["security"] = [{_AUTHORIZATION: []}]
    if parameters := _parameters(written.schema(route.query)):
        found["parameters"] = parameters
    if route.body is not None:
        body = {"schema": written.references[route.body]}
        found["requestBody"] = {"required": True, "content": {codec.JSON: body}}
    return found


def _content(words: str, media_type: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {media_type: {"schema": schema}}}


def _parameters(query: Mapping[str, Any]) -> list[dict[str, Any]]:
    required = query.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in query.get("properties", {}).items()
    ]


def text() -> str:
    """Write the document as the file holds it."""
    encoded = msgspec.json.encode(document(), order="deterministic")
    return msgspec.json.format(encoded, indent=1).decode() + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
