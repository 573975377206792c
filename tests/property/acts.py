"""What one person may do to one item: plain data, made by Hypothesis, done by `do`.

Every act may be refused by a rule (`DomainError`), which is a legal outcome.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from store.commands.patches import Patch
from store.domain.ids import DocId
from store.replica import Replica

WORDS: Final = st.sampled_from(("rope", "stove", "map", "tent", "söup", "茶", "🧭", ""))
LINES: Final = st.lists(st.lists(WORDS, max_size=3).map(" ".join), max_size=4).map("\n".join)

_FIELDS: Final = {
    "title": st.sampled_from(("One", "Two", "Three")),
    "due": st.sampled_from(("2026-12-01", "2026-12-24", None)),
    "priority": st.sampled_from(("low", "high", None)),
    "list": st.sampled_from(("Hut", "Trail", None)),
    "repeat": st.sampled_from(("FREQ=DAILY", "FREQ=WEEKLY", None)),
}


@dataclass(frozen=True)
class Put:
    """Write a field."""

    field: str
    value: object


@dataclass(frozen=True)
class Tag:
    """Put a tag on, or take it off."""

    tag: str
    gone: bool


@dataclass(frozen=True)
class Write:
    """Write the whole text anew."""

    body: str


@dataclass(frozen=True)
class Type:
    """Replace a stretch of the text as it is."""

    at: int
    gone: int
    word: str

    def said(self, text: str) -> str:
        """The text afterwards."""
        at = self.at % (len(text) + 1)
        return text[:at] + self.word + text[at + self.gone :]


@dataclass(frozen=True)
class Become:
    """Write a lifecycle event."""

    event: str


@dataclass(frozen=True)
class Trash:
    """Put away, or bring back."""

    away: bool


@dataclass(frozen=True)
class GoBack:
    """Make a version count again, by its number from the newest."""

    versions: int


@dataclass(frozen=True)
class Stand:
    """Stand before another task, or below it."""

    other: int
    below: bool


Act = Put | Tag | Write | Type | Become | Trash | GoBack | Stand

TYPING: Final = st.builds(
    Type, st.integers(0, 30), st.integers(0, 6), st.one_of(WORDS, st.just("\n"))
)
MOVING_ON: Final = st.builds(Become, st.sampled_from(("start", "done", "cancel", "reopen")))
ACTS: Final[st.SearchStrategy[Act]] = st.one_of(
    *(st.builds(Put, st.just(name), values) for name, values in _FIELDS.items()),
    st.builds(Tag, st.sampled_from("xy"), st.booleans()),
    st.builds(Write, LINES),
    TYPING,
    TYPING,
    st.builds(Become, st.sampled_from(("start", "block", "done", "cancel", "reopen"))),
    st.builds(Become, st.sampled_from(("done", "cancel", "reopen"))),
    st.builds(Trash, st.sampled_from((True, False, False))),
    st.builds(GoBack, st.integers(0, 5)),
    st.builds(Stand, st.integers(0, 5), st.booleans()),
)


def do(replica: Replica, doc: DocId, act: Act, tasks: Sequence[DocId]) -> Any:
    """Do an act; gives the next task of a series if one was made. Raises DomainError."""
    match act:
        case Become(event):
            return replica.transition(doc, event)
        case Trash(away):
            (replica.trash if away else replica.restore)(doc)
        case GoBack(versions):
            known = replica.history(doc)
            if known:  # else all of it was taken back
                replica.revert(doc, known[versions % len(known)].version)
        case _:
            replica.edit(doc, _patch(replica, doc, act, tasks))
    return None


def _patch(replica: Replica, doc: DocId, act: Act, tasks: Sequence[DocId]) -> Patch:
    match act:
        case Put(field, value):
            return Patch(fields={field: value})
        case Tag(tag, gone):
            return Patch(remove_tags=(tag,)) if gone else Patch(add_tags=(tag,))
        case Write(body):
            return Patch(body=body)
        case Type():
            text, base = replica.text(doc)
            return Patch(body=act.said(text), body_base=base)
        case Stand(other, below):
            beside = tasks[other % len(tasks)]
            return Patch(fields={"parent": beside}) if below else Patch(before=beside)
        case _:
            raise AssertionError(act)
