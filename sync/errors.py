"""What can go wrong between a replica and its server. The class is what callers branch on.

SyncError                type, title; str(error) is one sentence that says what to do
├─ Transient             try again later, after `retry_after_s` where the server said so
│  ├─ Unreachable        no answer, or one that did not come from a Cairn server
│  └─ Busy               the server answered: not now (408, 429, 5xx)
├─ Refused               trying again won't help; a person has to act
│  ├─ AuthRefused        the device's token is missing, unknown or revoked
│  ├─ InviteRefused      the invite or setup code is unknown, used or expired
│  ├─ RoleRefused        the device's role does not allow this
│  ├─ UnknownSpace       the token does not open this space
│  ├─ TooLarge           more than a limit of the protocol allows; send less at once
│  ├─ Incompatible       the two sides speak no common version of the protocol
│  └─ BadRequest         the server could not use the request; a fault of one of the programs
└─ Diverged              the two histories are not the ones that were compared; resync
   └─ CursorMismatch     the log that a cursor points into is not the one it was given for

A server answers with a problem (RFC 9457); `sync.protocol.problems` turns one into an error here.
"""

from typing import ClassVar


class SyncError(Exception):
    """The two sides did not come to an agreement.

    Attributes:
        type: stable slug for programs; the server's own where it sent one, e.g. `revoked`.
        title: a few words for people.
        status: HTTP status of the answer, None where there was none.
        request_id: finds the request in the server's log, None where there was no answer.
    """

    default_type: ClassVar[str] = "sync"
    default_title: ClassVar[str] = "Not synced"

    def __init__(
        self,
        detail: str,
        *,
        type: str | None = None,
        title: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        """Say in one sentence what is wrong and what to do."""
        super().__init__(detail)
        self.type = type or self.default_type
        self.title = title or self.default_title
        self.status = status
        self.request_id = request_id

    @property
    def detail(self) -> str:
        """The one sentence."""
        return str(self)


class Transient(SyncError):
    """Trying again later may work.

    Attributes:
        retry_after_s: seconds that the server asked to wait; None = the caller's own policy.
    """

    default_type = "transient"
    retry_after_s: float | None = None


class Unreachable(Transient):
    """No answer in time, or one that did not come from a Cairn server (a proxy, a login page)."""

    default_type = "unreachable"
    default_title = "The server can't be reached"


class Busy(Transient):
    """The server answered that it can't do this now."""

    default_type = "busy"
    default_title = "The server is busy"


class Refused(SyncError):
    """The server said no, and will say no again until somebody changes something."""

    default_type = "refused"
    default_title = "The server refused"


class AuthRefused(Refused):
    """The device's token is missing, unknown or revoked (type `revoked`)."""

    default_type = "unauthorized"
    default_title = "This device may not enter"


class InviteRefused(Refused):
    """The invite or setup code is unknown, used up or expired."""

    default_type = "invite"
    default_title = "The invite is not valid"


class RoleRefused(Refused):
    """The device's role in the space does not allow this."""

    default_type = "role"
    default_title = "Your role does not allow this"


class UnknownSpace(Refused):
    """The device's token does not open the space that was asked for."""

    default_type = "unknown-space"
    default_title = "No such space"


class TooLarge(Refused):
    """More than one request may hold; halve it, or park what can't be halved."""

    default_type = "too-large"
    default_title = "Too large"


class Incompatible(Refused):
    """The two programs speak no common version of the protocol; one of them needs an update."""

    default_type = "unsupported-version"
    default_title = "The versions don't match"


class BadRequest(Refused):
    """The server could not use the request: a fault of one of the two programs."""

    default_type = "malformed"
    default_title = "The request could not be used"


class Diverged(SyncError):
    """The histories are not the ones that were compared; nothing is lost, all is compared anew."""

    default_type = "diverged"
    default_title = "The histories differ"


class CursorMismatch(Diverged):
    """The server's log is not the one that the cursor was given for (restored, or replaced)."""

    default_type = "cursor-mismatch"
    default_title = "The server's history is another one"
