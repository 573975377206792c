"""What a rule can say no with. The class is what callers branch on, the text is for the person.

DomainError            title, type; str(error) is one sentence that says what to do
├─ InvalidValue        a field can't hold this
├─ InvalidTransition   the task's state doesn't allow this event
├─ NotFound            no such item, conflict, version, space ...
├─ Ambiguous           a shortened id fits more than one
├─ Refused             a rule of the space or the replica says no (viewer, trashed ...)
│  └─ TooManyEdits     the item would become too large for others to take
├─ AskOthers           to undo it, others have to agree
└─ NothingToUndo       no act to take back, or put back again
"""

from typing import ClassVar


class DomainError(Exception):
    """A rule said no; show it.

    Attributes:
        type: stable slug for programs (`--json`).
        title: a few words for people, the same for every error of the class.
    """

    type: ClassVar[str] = "refused"
    title: ClassVar[str] = "Not possible"

    @property
    def detail(self) -> str:
        """The one sentence that says what is wrong and what to do."""
        return str(self)


class InvalidValue(DomainError):
    """A field can't hold this value.

    Attributes:
        field: name of the field, where it is known.
    """

    type = "invalid-value"
    title = "Not a valid value"

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        """Say what is wrong in one sentence; name the field if there is one."""
        super().__init__(detail)
        self.field = field


class InvalidTransition(DomainError):
    """The task's state doesn't allow this event.

    Attributes:
        state: the state that the task is in.
        event: the event type that was tried.
    """

    type = "invalid-transition"
    title = "Not possible in this state"

    def __init__(self, detail: str, *, state: str, event: str) -> None:
        """Say in one sentence what is not allowed."""
        super().__init__(detail)
        self.state = state
        self.event = event


class NotFound(DomainError):
    """Nothing has this id, name or version."""

    type = "not-found"
    title = "Not found"


class Ambiguous(DomainError):
    """A shortened id fits more than one.

    Attributes:
        matches: the first few ids that it fits.
    """

    type = "ambiguous"
    title = "More than one fits"

    def __init__(self, detail: str, *, matches: tuple[str, ...] = ()) -> None:
        """Say in one sentence what is ambiguous; list some of what it fits."""
        super().__init__(detail)
        self.matches = matches


class Refused(DomainError):
    """A rule of the space or of this replica says no."""

    type = "refused"
    title = "Not allowed"


class AskOthers(DomainError):
    """To undo this, others have to agree: whoever can reach them asks, and then says so here.

    Attributes:
        device, space: ids of whom it is about, and where.
        now, wanted: the role that it has as far as is known here, and the one to give it.
        number: of the act.
    """

    type = "ask-others"
    title = "For others to agree to"

    def __init__(self, device: str, space: str, *, now: str, wanted: str, number: int) -> None:
        """Say what is to be asked for."""
        super().__init__("Its space has to agree to what a device may do; ask it there.")
        self.device = device
        self.space = space
        self.now = now
        self.wanted = wanted
        self.number = number


class TooManyEdits(Refused):
    """The item would become too large for others to take (`weight`)."""

    type = "too-many-edits"
    title = "Edited too often"


class NothingToUndo(DomainError):
    """There is no act to take back, or none to put back again."""

    type = "nothing-to-undo"
    title = "Nothing to undo"
