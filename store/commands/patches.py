"""What callers ask for when they add or edit an item: values still unchecked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
        fields_base: changes that their writer saw, with all that they follow: heads of a version,
            and one's own since. None, or none, is the present. What others wrote since stays, in
            conflict with what is written now.
        add_tags, remove_tags: tags to put on and take off.
        body: the whole new text; None leaves it.
        body_base: heads of the version that the text was loaded from; None is the present.
        before, after: a task that this one is to stand before or after.
    """

    fields: Mapping[str, object] = field(default_factory=dict)
    fields_base: tuple[bytes, ...] | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    body: str | None = None
    body_base: tuple[bytes, ...] | None = None
    before: DocId | None = None
    after: DocId | None = None
