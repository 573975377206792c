"""What forms a request comes in and its answer may have: content type, encoding, accept."""

from sync.protocol import codec
from sync.protocol.problems import refuse
from sync.protocol.routes import HEALTH
from sync.protocol.wire import WireRequest

_ANY = frozenset({"*/*", "application/*"})


def body_media_type(request: WireRequest) -> str:
    """The form of the body; raises the problem `unsupported-media-type`."""
    stated = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if stated not in codec.MEDIA_TYPES:
        raise refuse(
            "unsupported-media-type", f"Send {codec.MSGPACK} or {codec.JSON}, and say which."
        )
    return stated


def body_encoding(request: WireRequest) -> str:
    """`zstd` or `identity`; raises the problem `unsupported-media-type`."""
    stated = request.headers.get("content-encoding", "identity").strip().lower()
    if stated not in ("zstd", "identity"):
        raise refuse("unsupported-media-type", "Bodies may be compressed with zstd only.")
    return stated


def reply_media_type(request: WireRequest) -> str:
    """The form of the answer; raises the problem `not-acceptable`.

    MessagePack unless only JSON is accepted: our clients name MessagePack, and whoever wants JSON
    says so. Only the health of the server is JSON by default, as it is asked by other programs.
    """
    default = codec.JSON if request.path == HEALTH.path else codec.MSGPACK
    accepted = _weighted(request.headers.get("accept", "*/*"))
    if codec.MSGPACK in accepted:
        return codec.MSGPACK
    if codec.JSON in accepted:
        return codec.JSON
    if accepted & _ANY:
        return default
    raise refuse("not-acceptable", f"Accept {codec.MSGPACK} or {codec.JSON}.")


def wants_zstd(request: WireRequest) -> bool:
    """Whether the answer may be compressed."""
    return "zstd" in _weighted(request.headers.get("accept-encoding", ""))


def _weighted(header: str) -> set[str]:
    """The names in an accept header, without those that are refused by a weight of zero."""
    names = set()
    for part in header.lower().split(","):
        name, _, parameters = part.partition(";")
        if parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            names.add(name.strip())
    return names
