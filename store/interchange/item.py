"""One item to import, checked like any edit, with the hash of what it will hold (DECISIONS D12)."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from store.domain.errors import InvalidValue
from store.domain.fields import (
    Scalar,
    validated,
    validated_body,
    validated_tag,
    validated_title,
)
from store.domain.ids import Kind
from store.domain.limits import TAGS_MAX, TITLE_CHARS_MAX
from store.imports import ImportItem, Place
from store.interchange.report import Losses

# Part of every hash: another number makes other documents of the same files, so keep it.
_HASH_VERSION: Final = 1


def import_item(
    kind: Kind,
    source: str,
    *,
    title: str,
    body: str,
    losses: Losses,
    tags: Iterable[str] = (),
    fields: Mapping[str, object] | None = None,
    at_ms: int | None = None,
    state: str | None = None,
    place: Place | None = None,
    is_trashed: bool = False,
    parent: str | None = None,
    is_in_order: bool = False,
) -> ImportItem:
    """Make an item of what a source says; what Cairn can't hold is dropped and reported.

    The content hash depends on nothing but what stands in the item, so that two devices that import
    the same source apart make the same document.

    Args:
        kind: `task` or `note`.
        source: key of the source, the same in every import of it.
        title: shortened to what a title can hold.
        body: any text up to `TEXT_CHARS_MAX`.
        losses: told what could not be kept.
        tags: those that are no tags are dropped.
        fields: scalars beside the title; those with an invalid value are dropped.
        at_ms: when the source says that it was made, Unix ms.
        state: of a task, None for a note.
        place: where it lies on this device, None where `source` names one thing in the world.
        is_trashed: it lies in the trash there, and shall here.
        parent: source of the task that it is a part of.
        is_in_order: the source is a list, in which the task stands behind those before it.

    Raises:
        InvalidValue: the title or the body can't be kept at all.
    """
    kept_title = _kept_title(title, source, losses)
    kept_body = validated_body(body)
    kept_tags = _kept_tags(tags, source, losses)
    kept_fields = _kept_fields(kind, fields or {}, source, losses)
    said = [kind, kept_title, kept_body, kept_tags, sorted(kept_fields.items()), at_ms, state]
    return ImportItem(
        kind=kind,
        source=source,
        content_hash=_content_hash(said, is_trashed=is_trashed),
        title=kept_title,
        body=kept_body,
        tags=kept_tags,
        fields=kept_fields,
        at_ms=at_ms,
        state=state,
        is_trashed=is_trashed,
        parent=parent,
        is_in_order=is_in_order,
        place=place,
    )


def _content_hash(said: Sequence[object], *, is_trashed: bool) -> bytes:
    whole = [_HASH_VERSION, *said, *(["trash"] if is_trashed else [])]
    canonical = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).digest()


def _kept_title(title: str, source: str, losses: Losses) -> str:
    if len(title) > TITLE_CHARS_MAX:
        losses.drop(source, f"the end of its title, beyond {TITLE_CHARS_MAX:,} characters")
        title = title[: TITLE_CHARS_MAX - 1] + "…"
    return validated_title(title)


def _kept_tags(tags: Iterable[str], source: str, losses: Losses) -> tuple[str, ...]:
    kept: set[str] = set()
    for tag in tags:
        try:
            kept.add(validated_tag(tag))
        except InvalidValue as refusal:
            losses.drop(source, f"tag {tag[:40]!r}: {refusal.detail}")
    if len(kept) > TAGS_MAX:
        losses.drop(
            source, f"{len(kept) - TAGS_MAX} of its {len(kept)} tags; {TAGS_MAX} is the most"
        )
    return tuple(sorted(kept)[:TAGS_MAX])


def _kept_fields(
    kind: Kind, fields: Mapping[str, object], source: str, losses: Losses
) -> dict[str, Scalar]:
    kept: dict[str, Scalar] = {}
    for name, value in fields.items():
        try:
            kept[name] = validated(kind, name, value)
        except InvalidValue as refusal:
            losses.drop(source, f"{name}: {refusal.detail}")
    return kept
