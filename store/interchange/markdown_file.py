"""One Markdown file as items: a note, and if wanted a task for each of its checkbox lines."""

import hashlib
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from store.domain.code_regions import masked
from store.domain.lifecycle import STATES
from store.domain.limits import NAME_CHARS_MAX, TEXT_CHARS_MAX, TITLE_CHARS_MAX
from store.domain.links import is_markdown, keys_of, links_in, path_from
from store.imports import ImportItem, Place
from store.interchange.checkboxes import Checkbox, checkboxes
from store.interchange.folder import folder_tags
from store.interchange.front_matter import (
    FrontMatter,
    moment_ms,
    read_front_matter,
    with_front_matter,
    without_keys,
    words_of,
)
from store.interchange.headings import heading_of
from store.interchange.item import import_item
from store.interchange.own_export import OwnItem, read_own
from store.interchange.report import Losses

FILE_BYTES_MAX: Final = 4 * TEXT_CHARS_MAX + 3  # the longest text in UTF-8, with a byte order mark

_POST_NAME: Final = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})-(?P<slug>.+)", re.ASCII)
_TAG_KEYS: Final = {"tags": False, "categories": False, "tag": True, "category": True}
_DATE_KEYS: Final = ("date", "created", "created_at")
_KNOWN_KEYS: Final = frozenset({"title", "pinned", *_TAG_KEYS, *_DATE_KEYS})
_SITE_SUFFIXES: Final = (".html", ".htm")
_NAMED_MAX: Final = 5
_BOX_KEY_CHARS_MAX: Final = 200


class NotReadable(Exception):
    """A file can't become a note; the message says why, in words that follow its name."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    r"""A file after reading.

    Attributes:
        text: the whole text, line breaks as `\n`, without byte order mark.
        own: what it says, if it comes from our own export.
        place: where it lies on this device.
    """

    key: str
    text: str
    front: FrontMatter
    own: OwnItem | None
    place: Place


def read_file(key: str, raw: bytes, place: Place) -> ReadFile:
    """Decode a file and split off its front matter.

    Raises:
        NotReadable: it is no UTF-8 text, or longer than an item can be.
    """
    text = _decoded(raw).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > TEXT_CHARS_MAX:
        raise NotReadable(
            f"it has {len(text):,} characters, {TEXT_CHARS_MAX:,} is the most; split it"
        )
    front = read_front_matter(text)
    return ReadFile(key, text, front, read_own(front), place)


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotReadable("it is UTF-16 text; save it as UTF-8 and import it again")
    if b"\x00" in raw:
        raise NotReadable("it is no text, whatever its name says")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotReadable("it is no UTF-8 text; save it as UTF-8 and import it again") from None


def items_of(
    file: ReadFile, keys: Set[str], losses: Losses, *, checkboxes_as_tasks: bool
) -> Iterator[ImportItem]:
    """Turn a file of somebody else into items: its note first, then its tasks.

    The note's body is the text as it stands, links and checkboxes included. What the front matter
    says beyond title, tags, categories, date and pinned stays above the text, as front matter.

    Args:
        file: the file.
        keys: `path_key` of all files of this import, to report links that lead nowhere.
        losses: told what could not be kept.
        checkboxes_as_tasks: make a task of each checkbox line, too.
    """
    body = file.front.body
    mask = masked(body)
    if file.front.problem is not None:
        losses.drop(file.key, f"front matter, kept as text: {file.front.problem}")
    heads = _Heads.of(file, heading_of(body, mask))
    _report_dead_links(file.key, body, mask, keys, losses)
    yield import_item(
        "note",
        file.key,
        title=heads.title,
        body=with_front_matter(heads.rest, body),
        losses=losses,
        tags=(*folder_tags(file.key), *heads.tags),
        fields={"pinned": True} if heads.is_pinned else {},
        at_ms=heads.at_ms,
        place=file.place,
    )
    if checkboxes_as_tasks:
        for box in checkboxes(body, mask):
            yield _task_of(box, file, heads, losses)


def own_item(own: OwnItem, file: ReadFile, losses: Losses) -> ImportItem:
    """Turn a file of our own export into an item that is not here yet."""
    key, fields = file.key, dict(own.fields)
    if fields.pop("parent", None) is not None:
        losses.drop(key, "parent: here the tasks of this export are other ones")
    return import_item(
        own.kind,
        key,
        title=own.title or _stem_title(key)[0],
        body=own.body,
        losses=losses,
        tags=own.tags,
        fields=fields,
        at_ms=own.at_ms,
        state=own.state if own.state in STATES or own.kind == "note" else "open",
        place=file.place,
    )


@dataclass(frozen=True, slots=True)
class _Heads:
    """What stands above a text: in its front matter, its heading and its name.

    Attributes:
        rest: lines of the front matter that say none of these.
    """

    title: str
    tags: tuple[str, ...]
    at_ms: int | None
    is_pinned: bool
    rest: str

    @classmethod
    def of(cls, file: ReadFile, heading: str | None) -> "_Heads":
        values = dict(file.front.values)
        stem_title, stem_at_ms = _stem_title(file.key)
        title = _taken_title(values)
        tags = _taken_tags(values)
        at_ms = _taken_date(values)
        is_pinned = values.get("pinned") == "true"
        if is_pinned:
            del values["pinned"]
        taken = (file.front.values.keys() - values.keys()) | (
            _KNOWN_KEYS - file.front.values.keys()
        )
        return cls(
            title=title or heading or stem_title,
            tags=tags,
            at_ms=stem_at_ms if at_ms is None else at_ms,
            is_pinned=is_pinned,
            rest=without_keys(file.front.yaml, taken) if file.front.yaml else "",
        )


def _taken_title(values: dict[str, object]) -> str | None:
    value = values.get("title")
    if not isinstance(value, str):
        return None
    del values["title"]
    return " ".join(value.split())


def _taken_tags(values: dict[str, object]) -> tuple[str, ...]:
    """Take tags and categories out; those with parts that are no words stay, too."""
    tags: list[str] = []
    for name, is_one in _TAG_KEYS.items():
        words, strange = words_of(values.get(name), is_one=is_one)
        tags += (word for word in words if word.strip("# "))
        if not strange:
            values.pop(name, None)
    return tuple(tags)


def _taken_date(values: dict[str, object]) -> int | None:
    for name in _DATE_KEYS:
        at_ms = moment_ms(values.get(name))
        if at_ms is not None:
            del values[name]
            return at_ms
    return None


def _stem_title(key: str) -> tuple[str, int | None]:
    """Name a text by its file: the date of a blog post is split off, and its slug made words."""
    name = PurePosixPath(key).name
    stem = name[: name.rindex(".")] if is_markdown(name) else name
    post = _POST_NAME.fullmatch(stem)
    at_ms = None if post is None else moment_ms(post["date"])
    if post is not None and at_ms is not None:
        words = post["slug"].replace("-", " ").replace("_", " ").strip()
        return (words[:1].upper() + words[1:] or stem), at_ms
    return stem, None


def _task_of(box: Checkbox, file: ReadFile, heads: _Heads, losses: Losses) -> ImportItem:
    key, part = file.key, _box_name(box)
    folder = PurePosixPath(key).parent.as_posix()
    title = box.text
    if len(title) > TITLE_CHARS_MAX:  # nothing is lost: the note has the whole line
        title = title[: TITLE_CHARS_MAX - 1] + "…"
    name = PurePosixPath(key).name
    label = re.sub(r"([\[\]\\])", r"\\\1", heads.title)
    return import_item(
        "task",
        f"{key}#{part}",
        title=title,
        body=f"From [{label}]({quote(name)})",
        losses=losses,
        fields={"list": (heads.title if folder == "." else folder)[:NAME_CHARS_MAX]},
        at_ms=heads.at_ms,
        state="done" if box.is_done else "open",
        place=Place(file.place.file, part),
    )


def _box_name(box: Checkbox) -> str:
    """Name a checkbox by its text, so that ticking it or moving its line finds the same task."""
    name = box.text
    if len(name) > _BOX_KEY_CHARS_MAX:
        name = name[:_BOX_KEY_CHARS_MAX] + "…" + hashlib.sha256(name.encode()).hexdigest()[:16]
    return name + ("" if box.ordinal == 1 else f"#{box.ordinal}")


def _report_dead_links(key: str, body: str, mask: str, keys: Set[str], losses: Losses) -> None:
    """Report, in one entry, links to Markdown that isn't there, or out of the folder."""
    dead: dict[str, None] = {}
    for link in links_in(body, mask):
        if link.label is not None or link.target.endswith(_SITE_SUFFIXES):
            continue
        leads_out = path_from(key, link.target) is None
        if leads_out or (is_markdown(link.target) and keys.isdisjoint(keys_of(link, key))):
            dead[link.target] = None
    if dead:
        losses.drop(key, f"links that lead to no note here, kept as text: {_named(list(dead))}")


def _named(names: list[str]) -> str:
    more = len(names) - _NAMED_MAX
    return ", ".join(names[:_NAMED_MAX]) + (f" and {more} more" if more > 0 else "")
