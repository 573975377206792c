"""How to take back one step of an act: plain data, kept until somebody asks (DECISIONS D9).

Each step names the change that it goes back on, so that it applies only while that write is still
what people see. Carrying one out gives the step that takes *that* back: redo is the undo of the
undo.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from store.domain.ids import DocId

_EVENTS: Final = ("event", "trash")

_Write = tuple[str, DocId, str, str]  # kind, document, subject, and the change or event


@dataclass(frozen=True, slots=True)
class Inverse:
    """One step back.

    Attributes:
        kind: field, tag, text, event, trash, place, settlement, reopening; of what a server
            refused: park, retry, bring-back, take-back, held or drop; of supplies and money:
            release, reserve, wish, unseen or seen; of this device: setting, current-space; role,
            which others have to agree to; and never, which says why there is no way back.
        doc: the document.
        subject: field, tag, event id (of states and of the trash), conflict id, the order key that
            was written, a reservation's or notice's id, or the key under which something was asked
            for.
        change: hex hash of the change that wrote, where it must still be live.
        value: what to put back.
        before: the write that this one replaced, named as this one is (by change; of events by
            id). Once this step is carried out, what it writes stands for that earlier write, so
            that the act which made it can be taken back next. Of a text: the version to go back to.
    """

    kind: str
    doc: DocId
    subject: str = ""
    change: str = ""
    value: Any = None
    before: str = ""

    @classmethod
    def of_field(cls, doc: DocId, field: str, change: bytes, value: Any, before: str) -> "Inverse":
        """Put a field back to what it held."""
        return cls("field", doc, field, change.hex(), value, before)

    @classmethod
    def of_tag(
        cls, doc: DocId, tag: str, change: bytes, *, present: bool, before: str
    ) -> "Inverse":
        """Put a tag on again, or take it off."""
        return cls("tag", doc, tag, change.hex(), present, before)

    @classmethod
    def of_text(cls, doc: DocId, change: bytes, before: str) -> "Inverse":
        """Take one change of the text out again, leaving what others wrote since."""
        return cls("text", doc, "", change.hex(), before=before)

    @classmethod
    def of_event(cls, doc: DocId, event: str, state: str, before: str = "") -> "Inverse":
        """Put a task back into the state that it had before an event."""
        return cls("event", doc, event, "", state, before)

    @classmethod
    def of_trash(cls, doc: DocId, to: str, event: str = "", before: str = "") -> "Inverse":
        """Put an item into the trash (`trash`) or take it out (`restore`).

        Without an event it goes back on having made the item, which nobody does again.
        """
        return cls("trash", doc, event, "", to, before)

    @classmethod
    def of_place(cls, doc: DocId, key: str, before: str) -> "Inverse":
        """Put a task back to where it stood before it was given a key."""
        return cls("place", doc, key, "", before)

    @classmethod
    def of_settlement(cls, doc: DocId, conflict: str) -> "Inverse":
        """Open a conflict again."""
        return cls("settlement", doc, conflict)

    @classmethod
    def of_reopening(cls, doc: DocId, conflict: str, value: Any) -> "Inverse":
        """Settle a conflict again, as it was settled."""
        return cls("reopening", doc, conflict, "", value)

    @classmethod
    def of_reservation(cls, reservation: str) -> "Inverse":
        """Give reserved supplies back; they belong to no document."""
        return cls("release", DocId(""), reservation)

    @classmethod
    def of_release(cls, reservation: str, space: str, wanted: Mapping[str, Any]) -> "Inverse":
        """Reserve anew what was given back: `wanted` has its item, count and task."""
        return cls("reserve", DocId(""), reservation, "", {"space": space, **wanted})

    @classmethod
    def of_wish(cls, key: str, space: str, contrary: Sequence[Any] = ()) -> "Inverse":
        """Take back what was asked of an authority, or ask for its contrary where it has one."""
        return cls("wish", DocId(""), key, "", {"space": space, "contrary": list(contrary)})

    @classmethod
    def of_seeing(
        cls, notice: str, space: str, refused: Mapping[str, Any] | None = None
    ) -> "Inverse":
        """Show a notice again; `refused` is the command's row where it tells of a refusal."""
        shown = {"space": space, "refused": None if refused is None else dict(refused)}
        return cls("unseen", DocId(""), notice, "", shown)

    @classmethod
    def of_showing(cls, notice: str) -> "Inverse":
        """Say once more that a notice was seen."""
        return cls("seen", DocId(""), notice)

    @classmethod
    def of_setting(
        cls, key: str, topic: str, *, now: Any, before: Any, field: str | None = None
    ) -> "Inverse":
        """Give a setting, or a field of one, the value that it had before."""
        values = {"field": field, "topic": topic, "now": now, "before": before}
        return cls("setting", DocId(""), key, "", values)

    @classmethod
    def of_using(cls, space: str, before: str) -> "Inverse":
        """Let new items go to the space before."""
        return cls("current-space", DocId(""), space, "", before)

    @classmethod
    def of_role(cls, device: str, space: str, *, now: str, before: str) -> "Inverse":
        """Let a device do in a space what it was let do before."""
        return cls("role", DocId(""), device, "", {"space": space, "now": now, "before": before})

    @classmethod
    def of_never(cls, sentence: str) -> "Inverse":
        """Say why there is no way back."""
        return cls("never", DocId(""), "", "", sentence)

    @classmethod
    def of_held(cls, doc: DocId, text: str, base: Sequence[bytes]) -> "Inverse":
        """Hold a text again that was thrown away."""
        return cls("held", doc, "", "", {"text": text, "base": [one.hex() for one in base]})

    @classmethod
    def of_retry(cls, doc: DocId, parked: Sequence[Sequence[Any]]) -> "Inverse":
        """Park changes again that were offered once more, each as it was parked."""
        return cls("park", doc, "", "", [list(one) for one in parked])

    @classmethod
    def of_parking(cls, doc: DocId) -> "Inverse":
        """Offer changes once more that were parked again."""
        return cls("retry", doc)

    @classmethod
    def of_taking_back(cls, doc: DocId, taken: Mapping[str, Any]) -> "Inverse":
        """Bring refused changes back that were taken back; see `store.commands.parking`."""
        return cls("bring-back", doc, "", "", dict(taken))

    @classmethod
    def of_bringing_back(cls, doc: DocId, *, holds: bool) -> "Inverse":
        """Take refused changes back again; `holds` their text as a draft."""
        return cls("take-back", doc, "", "", holds)

    @classmethod
    def of_holding(cls, doc: DocId) -> "Inverse":
        """Throw a text away again that was held once more."""
        return cls("drop", doc)

    @property
    def write(self) -> str:
        """The write that this goes back on, as `before` names it."""
        return self.subject if self.kind in _EVENTS else self.change


class StandIns:
    """What steps back have written, each in place of the write that it went back to.

    The act that made that earlier write can be taken back next: its steps are then about the write
    that stands for theirs.
    """

    def __init__(self) -> None:
        """Begin with nothing written."""
        self._backs: dict[_Write, Inverse] = {}

    def note(self, step: Inverse, back: Inverse) -> None:
        """Take in that a step was carried out, and what takes that back again."""
        name = step.before if back.kind == step.kind else ""
        if step.kind == "field" and back.kind == "settlement":
            name = back.before  # the side that was taken
        if name:
            self._backs.setdefault(_write(step, name), back)

    def of(self, step: Inverse) -> Inverse:
        """The same step, about what stands for its write by now."""
        while (back := self._backs.get(_write(step, step.write))) is not None:
            if step.kind in _EVENTS:
                step = replace(step, subject=back.subject)
            else:
                step = replace(step, change=back.change)
        return step

    @property
    def replaced(self) -> list[str]:
        """The writes that something else stands for, as steps name them."""
        return [name for *_, name in self._backs]


def _write(step: Inverse, name: str) -> _Write:
    """Tell a write apart: one change may have written several fields, an event is one write."""
    return step.kind, step.doc, "" if step.kind in _EVENTS else step.subject, name


def to_json(steps: Iterable[Inverse]) -> str:
    """Steps as one JSON text."""
    return json.dumps([asdict(s) for s in steps], ensure_ascii=False)


def from_json(text: str) -> list[Inverse]:
    """Steps out of `to_json`."""
    rows: list[Mapping[str, Any]] = json.loads(text)
    return [Inverse(**row) for row in rows]
