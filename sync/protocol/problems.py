"""Problems (RFC 9457): how a server says no, and what that means to the one who asked.

One table holds every type: its status, its title, whether trying again can help, and the error that
it becomes on the other side. `detail` is one sentence for a person that says what to do.
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from sync.errors import (
    AuthRefused,
    BadRequest,
    Busy,
    CursorMismatch,
    Incompatible,
    InviteRefused,
    Refused,
    RoleRefused,
    SyncError,
    TooLarge,
    UnknownSpace,
    Unreachable,
)

URN: Final = "urn:cairn:problem:"
ALREADY_MEMBER: Final = "already-member"  # the replica id is another device's in that space
TRIAL_UNAVAILABLE: Final = "trial-unavailable"  # what was pushed could not be examined, now
RETRY_AFTER_S_MAX: Final = 3_600  # a server that asks for more is asked again after an hour


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An RFC 9457 problem. `type` is `urn:cairn:problem:<slug>`, `retry_after` seconds."""

    type: str
    title: str
    status: int
    detail: str
    retryable: bool = False
    retry_after: float | None = None
    request_id: str | None = None

    @property
    def slug(self) -> str:
        """The last part of the type."""
        return self.type.removeprefix(URN)


class ProblemRaised(Exception):
    """Ends a request with a problem.

    Attributes:
        problem: the answer.
    """

    def __init__(self, problem: Problem) -> None:
        """Carry the answer to the border where it is sent."""
        super().__init__(problem.detail)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class ProblemType:
    """What all problems of one type share."""

    status: int
    title: str
    error: type[SyncError]


TYPES: Final[dict[str, ProblemType]] = {
    # the request itself
    "malformed": ProblemType(400, "Not a message of this protocol", BadRequest),
    "damaged": ProblemType(400, "Damaged on the way", Busy),
    "not-found": ProblemType(404, "No such address", BadRequest),
    "unsupported-version": ProblemType(404, "Another version of the protocol", Incompatible),
    "method-not-allowed": ProblemType(405, "Not a method of this address", BadRequest),
    "not-acceptable": ProblemType(406, "No answer in that form", BadRequest),
    "too-slow": ProblemType(408, "The request took too long to arrive", Busy),
    "too-large": ProblemType(413, "Too large", TooLarge),
    "address-too-long": ProblemType(414, "The address is too long", BadRequest),
    "unsupported-media-type": ProblemType(415, "Not a form this server reads", BadRequest),
    "headers-too-large": ProblemType(431, "The headers are too large", BadRequest),
    # who asks
    "unauthorized": ProblemType(401, "This device may not enter", AuthRefused),
    "revoked": ProblemType(401, "This device was removed", AuthRefused),
    "role": ProblemType(403, "Your role does not allow this", RoleRefused),
    "unknown-space": ProblemType(404, "No such space", UnknownSpace),
    # entering
    "setup-code": ProblemType(403, "The setup code is not valid", InviteRefused),
    "unknown-invite": ProblemType(404, "No such invite", InviteRefused),
    "invite-used": ProblemType(410, "The invite was used", InviteRefused),
    "invite-expired": ProblemType(410, "The invite has expired", InviteRefused),
    ALREADY_MEMBER: ProblemType(409, "Already a member", Refused),
    "space-exists": ProblemType(409, "The space exists", Refused),
    "unknown-device": ProblemType(404, "No such device", Refused),
    "pairing-code": ProblemType(403, "The code is not valid", InviteRefused),
    "not-serving": ProblemType(403, "This device does not share the space", Refused),
    "no-server": ProblemType(403, "A device, not a server", Refused),
    "last-owner": ProblemType(409, "The last owner must stay", Refused),
    # rounds
    "cursor-mismatch": ProblemType(409, "Another history", CursorMismatch),
    # the ledger
    "no-ledger": ProblemType(404, "No ledger here", Refused),
    "ledger-behind": ProblemType(409, "The server lost acts that this device has", Refused),
    "key-reused": ProblemType(422, "The key stands for something else", Refused),
    "not-an-act": ProblemType(422, "Not an act of this ledger", Refused),
    # not now
    "slow-down": ProblemType(429, "Too many requests", Busy),
    "busy": ProblemType(503, "Busy", Busy),
    TRIAL_UNAVAILABLE: ProblemType(503, "The changes could not be examined", Busy),
    "stopping": ProblemType(503, "The server is stopping", Busy),
    "storage": ProblemType(503, "The server can't write", Busy),
    "internal": ProblemType(500, "A fault of the server", Busy),
}


def refuse(slug: str, detail: str, *, retry_after_s: float | None = None) -> ProblemRaised:
    """Make the exception that ends a request with a problem of a known type."""
    kind = TYPES[slug]
    return ProblemRaised(
        Problem(
            type=URN + slug,
            title=kind.title,
            status=kind.status,
            detail=detail,
            retryable=issubclass(kind.error, Busy),
            retry_after=retry_after_s,
        )
    )


def error_from(problem: Problem) -> SyncError:
    """Turn a server's problem into the error that callers branch on.

    A type that this program does not know is judged by its `retryable` and its status, as a newer
    server may have one.
    """
    known = TYPES.get(problem.slug)
    error_class = known.error if known is not None else _class_by_status(problem)
    error = error_class(
        problem.detail or problem.title,
        type=problem.slug,
        title=problem.title,
        status=problem.status,
        request_id=problem.request_id,
    )
    if isinstance(error, Busy | Unreachable):
        error.retry_after_s = bounded_wait_s(problem.retry_after)
    return error


def _class_by_status(problem: Problem) -> type[SyncError]:
    by_status: dict[int, type[SyncError]] = {401: AuthRefused, 403: RoleRefused, 413: TooLarge}
    if problem.retryable or problem.status in (408, 425, 429) or problem.status >= 500:
        return Busy
    return by_status.get(problem.status, Refused)


def bounded_wait_s(seconds: float | None) -> float | None:
    """Seconds to wait that somebody asked for, as far as they make sense."""
    if seconds is None or not 0 <= seconds < float("inf"):
        return None
    return min(seconds, float(RETRY_AFTER_S_MAX))
