"""What a person set up on this device: texts in `meta`, which are never sent.

A setting is one text under a key, or an object with fields, of which each is a setting by itself.
Undo puts back the value before, as long as nobody has set it to something else since.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from store import spaces
from store.change_set import Topic
from store.commands.inverse import Inverse
from store.commands.unit_of_work import UnitOfWork
from store.database.meta import forget_meta, read_meta, write_meta
from store.domain.errors import Refused
from store.domain.ids import SpaceId

_SET_SINCE: Final = "That was set to something else since, so this can't be undone."


def change_setting(
    act: UnitOfWork, key: str, value: str | None, *, topic: Topic = "settings"
) -> list[Inverse]:
    """Set a text.

    Args:
        act: the act.
        key: of `meta`.
        value: None lets the usual value be in force.
        topic: what reads differently then.
    """
    before = read_meta(act.conn, key)
    if before == value:
        return []
    _write(act, key, value)
    act.told.add(topic)
    return [Inverse.of_setting(key, topic, now=value, before=before)]


def change_fields(
    act: UnitOfWork, key: str, fields: Mapping[str, Any], *, topic: Topic = "settings"
) -> list[Inverse]:
    """Set some fields of an object; None lets the usual value be in force."""
    kept = read_fields(read_meta(act.conn, key))
    changed = {name: value for name, value in fields.items() if kept.get(name) != value}
    if not changed:
        return []
    left = {name: value for name, value in (kept | changed).items() if value is not None}
    _write(act, key, json.dumps(left))
    act.told.add(topic)
    return [
        Inverse.of_setting(key, topic, field=name, now=value, before=kept.get(name))
        for name, value in changed.items()
    ]


def read_fields(kept: str | None) -> dict[str, Any]:
    """Read an object as it is kept; what can't be read any more is empty."""
    try:
        found = json.loads(kept or "{}")
    except ValueError:  # of another version
        return {}
    return found if isinstance(found, dict) else {}


def use_space(act: UnitOfWork, name: str) -> list[Inverse]:
    """Make a space the one that new items go to; raises NotFound, Ambiguous."""
    wanted = spaces.find_space(act.conn, name)
    before = spaces.current_space(act.conn)
    if wanted.id == before.id:
        return []
    spaces.set_current(act.conn, SpaceId(wanted.id))
    act.told.add("spaces")
    return [Inverse.of_using(wanted.id, before.id)]


def put_back(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    """Give a setting the value that it had before; raises Refused where it is another by now."""
    field, topic, before = step.value["field"], step.value["topic"], step.value["before"]
    kept = read_meta(act.conn, step.subject)
    now = kept if field is None else read_fields(kept).get(field)
    if now != step.value["now"]:
        raise Refused(_SET_SINCE)
    if field is None:
        return change_setting(act, step.subject, before, topic=topic)
    return change_fields(act, step.subject, {field: before}, topic=topic)


def use_again(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    """Let new items go to the space before; raises Refused where they go elsewhere by now."""
    if spaces.current_space(act.conn).id != step.subject:
        raise Refused(_SET_SINCE)
    return use_space(act, step.value)


def _write(act: UnitOfWork, key: str, value: str | None) -> None:
    if value is None:
        forget_meta(act.conn, key)
    else:
        write_meta(act.conn, key, value)
