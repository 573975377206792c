"""An oracle for live values: the walk over all of a document's changes, as plain as can be.

A value is live if some change wrote it and nothing that follows this change wrote or deleted the
key again. Whether a change wrote a key is asked of Automerge, at that change and at what it
follows. Slow, and that is no matter: what is tested must agree with it.
"""

from typing import Any

from automerge.core import Document, ObjType

from store.documents.binding import OpId, op_id


def walked_live_values(document: Document, obj: bytes, key: str) -> dict[OpId, Any]:
    """Give every live value of a map's key by the operation that wrote it."""
    follows: dict[bytes, set[bytes]] = {}
    wrote: dict[bytes, tuple[OpId, Any] | None] = {}
    for change in document.get_changes([]):
        deps = [bytes(dep) for dep in change.deps]
        follows[bytes(change.hash)] = set(deps).union(*(follows[dep] for dep in deps))
        now = _at(document, obj, key, [bytes(change.hash)])
        before = _at(document, obj, key, deps) if deps else None
        if now is not None and _is_of(now[0], change):
            wrote[bytes(change.hash)] = now
        elif now is None and before is not None:
            wrote[bytes(change.hash)] = None  # deleted
    return dict(
        value
        for change, value in wrote.items()
        if value is not None and not any(change in follows[later] for later in wrote)
    )


def flagged_conflicts(document: Document) -> set[str]:
    """Give the keys whose last write Automerge itself marks as one of several, by its own patches.

    Equal values count as several there; keys of different maps are not told apart.
    """
    patches = document.diff([], document.get_heads())
    return {
        line.split('key: "')[1].split('"')[0]
        for line in map(repr, patches)
        if "PutMap" in line and "conflict: true" in line
    }


def _at(document: Document, obj: bytes, key: str, heads: list[bytes]) -> tuple[OpId, Any] | None:
    try:
        found = document.get(obj, key, heads)
    except Exception:  # noqa: BLE001 - the object was not made yet; the binding has no other
        return None
    if found is None:
        return None
    value, raw = found
    plain = document.text(raw, heads) if value == ObjType.Text else value
    return op_id(raw), plain[1] if isinstance(plain, tuple) else plain


def _is_of(op: OpId, change: Any) -> bool:
    counter, actor = op
    return actor == bytes(change.actor_id) and change.start_op <= counter <= change.max_op
