"""Every route of protocol v1, in one table that the server serves and a client may call by.

`query`, `body` and `reply` are the messages that travel; `token` says whether one is needed.
"""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from msgspec import Struct

from store.domain.limits import BODY_BYTES_MAX, BODY_RAW_BYTES_MAX
from sync.protocol import entering, ledger, probes
from sync.protocol import messages as m
from sync.protocol.version import PREFIX

Q = TypeVar("Q", bound=Struct)
B = TypeVar("B", bound=Struct)
R = TypeVar("R", bound=Struct)

SMALL_BODY_BYTES_MAX: Final = 16 << 10  # a form
LIST_BODY_BYTES_MAX: Final = 1 << 20  # ranges and heads; those hardly compress


@dataclass(frozen=True, slots=True)
class Route(Generic[Q, B, R]):
    """One thing to ask for.

    Attributes:
        method: GET or POST.
        path: begins with the protocol's version.
        query: the message in the query string.
        body: the message in the body; None for GET.
        reply: the message that answers.
        token: required; else it may be sent where it helps.
        body_bytes_max: of the body as it travels.
        body_raw_bytes_max: of the body expanded.
    """

    method: str
    path: str
    query: type[Q]
    body: type[B] | None
    reply: type[R]
    token: bool = True
    body_bytes_max: int = SMALL_BODY_BYTES_MAX
    body_raw_bytes_max: int = SMALL_BODY_BYTES_MAX


def _get(path: str, query: type[Q], reply: type[R], *, token: bool = True) -> Route[Q, Struct, R]:
    return Route("GET", path, query, None, reply, token, 0, 0)


def _post(
    path: str,
    body: type[B],
    reply: type[R],
    *,
    token: bool = True,
    sizes: tuple[int, int] | None = None,
) -> Route[m.NoQuery, B, R]:
    compressed, raw = sizes or (SMALL_BODY_BYTES_MAX, SMALL_BODY_BYTES_MAX)
    return Route("POST", path, m.NoQuery, body, reply, token, compressed, raw)


_LIST: Final = (LIST_BODY_BYTES_MAX, LIST_BODY_BYTES_MAX)

HEALTH: Final = _get("/healthz", m.NoQuery, m.Health, token=False)
CREATE_SPACE: Final = _post(f"{PREFIX}/spaces", entering.CreateSpace, entering.Joined, token=False)
CREATE_INVITE: Final = _post(f"{PREFIX}/invites", entering.CreateInvite, entering.Invite)
JOIN: Final = _post(f"{PREFIX}/join", entering.Join, entering.Joined, token=False)
DEVICES: Final = _get(f"{PREFIX}/devices", m.SpaceQuery, entering.Devices)
REVOKE: Final = _post(f"{PREFIX}/devices/revoke", entering.RevokeDevice, entering.Revoked)
ROLE: Final = _post(f"{PREFIX}/devices/role", entering.ChangeRole, entering.RoleChanged)
REKEY: Final = _post(f"{PREFIX}/devices/rekey", entering.RekeyDevice, entering.Joined)
HELLO: Final = _get(f"{PREFIX}/sync/hello", m.SpaceQuery, m.Hello)
PUSH: Final = _post(
    f"{PREFIX}/sync/push", m.Push, m.PushReply, sizes=(BODY_BYTES_MAX, BODY_RAW_BYTES_MAX)
)
PULL: Final = _get(f"{PREFIX}/sync/pull", m.PullQuery, m.Pulled)
HEADS: Final = _post(f"{PREFIX}/sync/heads", m.Ranges, m.Differences, sizes=_LIST)
CHANGES: Final = _post(f"{PREFIX}/sync/changes", m.Wanted, m.Pulled, sizes=_LIST)
WAIT: Final = _get(f"{PREFIX}/sync/wait", m.WaitQuery, m.Hint)
PROBE: Final = _post(f"{PREFIX}/sync/probe", probes.SendProbe, probes.ProbeSent)
PROBED: Final = _get(f"{PREFIX}/sync/probed", probes.ProbeQuery, probes.ProbeOutcome)
COMMANDS: Final = _post(
    f"{PREFIX}/ledger/commands",
    ledger.Commands,
    ledger.Decisions,
    sizes=(ledger.COMMANDS_BYTES_MAX, ledger.COMMANDS_BYTES_MAX),
)
OFFER: Final = _post(
    f"{PREFIX}/ledger/offer",
    ledger.Offered,
    ledger.OfferTaken,
    sizes=(BODY_BYTES_MAX, BODY_RAW_BYTES_MAX),
)

ALL: Final = (
    HEALTH,
    CREATE_SPACE,
    CREATE_INVITE,
    JOIN,
    DEVICES,
    REVOKE,
    ROLE,
    REKEY,
    HELLO,
    PUSH,
    PULL,
    HEADS,
    CHANGES,
    WAIT,
    PROBE,
    PROBED,
    COMMANDS,
    OFFER,
)
