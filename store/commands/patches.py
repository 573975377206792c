"""What callers ask for when they add or edit an item: values still unchecked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from store.domain.ids import DocId


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to add. Fields as in `store.domain.fields`; `parent` may be any task of the space."""

    title: str
    due: str | None = None
    priority: str | None = None
    list: str | None = None
    assignee: str | None = None
    tags: tuple[str, ...] = ()
    parent: DocId | None = None
    repeat: str | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class Patch:
    """Changes of an item.

    Attributes:
        fields: new values of scalar fields; None clears.
        was: of fields that were typed into: tells of a value whether it is what their writer saw
            there and went on from. What others wrote in place of that or beside it stays, in
            conflict with what is written now. A field not named is written on the present.
        add_tags, remove_tags: tags to put on and take off.
        body: the whole new text; None leaves it.
        body_base: heads of the version that the text was loaded from; None is the present.
        before, after: a task that this one is to stand before or after.
    """

    fields: Mapping[str, object] = field(default_factory=dict)
    was: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    body: str | None = None
    body_base: tuple[bytes, ...] | None = None
    before: DocId | None = None
    after: DocId | None = None
