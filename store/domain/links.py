"""Links between items: found in texts, followed, and shown as links that lead to an item.

    [[Title]], [[Title|words]]      by title, or by the name of the file that a note came from
    [words](cairn:<document id>)    by id: it holds whatever becomes of the title
    [words](other.md)               by the path of an imported note

An imported text keeps its links as they were written. What a link means follows from where the note
came from (its `source`) and from the notes that are here now, so it is worked out when the text is
shown. To write document ids into the text instead would not do: a document's id depends on its
first content (DECISIONS D12), so the text of one note would depend on the content of another, and
two devices whose copies of that other file differ would make two different first changes of one and
the same document, which every log refuses.
"""

import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from store.domain.code_regions import masked

ITEM_SCHEME: Final = "cairn:"  # cairn:<document id>#part
WANTED_SCHEME: Final = "cairn-new:"  # cairn-new:<title of an item that is not there yet>
JOPLIN_ADDRESS: Final = ":/"  # before the id of a note: in Joplin's links, and in our sources
MARKDOWN_SUFFIXES: Final = (".md", ".markdown")

_PAGE_SUFFIXES: Final = (".html", ".htm")  # what a site generator makes of a note
_FOLDER_NOTES: Final = ("index", "README")  # what stands for the folder that it lies in
_LINKS: Final = re.compile(
    r"\]\([ \t]*(?:<(?P<angled>[^<>\n]*)>|(?P<bare>[^\s()<>]+(?:\([^\s()]*\)[^\s()<>]*)*))"
    r"(?=[ \t]*\)|[ \t]+[\"'(])"
    r"|^ {0,3}\[[^\[\]\n]+\]:[ \t]*\n?[ \t]*"
    r"(?:<(?P<defined_angled>[^<>\n]*)>|(?P<defined>[^\s<>]+))"
    r"|(?P<wiki>!?\[\[(?P<name>[^\[\]|#\n\\]+)(?P<part>#[^\[\]|\n\\]*)?"
    r"(?:\\?\|(?P<label>[^\[\]\n]*))?\]\])",
    re.MULTILINE,
)
_ABROAD: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#|\?|\{")  # a scheme, a host, a template


@dataclass(frozen=True, slots=True)
class Link:
    """A link that may lead to a note.

    Attributes:
        start, end: what to replace to lead it elsewhere: the address, or a whole wiki link.
        target: path or name, decoded, without fragment.
        fragment: `#part` of the target, or empty.
        label: what a wiki link shows; None for an ordinary link, which has its own text.
    """

    start: int
    end: int
    target: str
    fragment: str
    label: str | None


def links_in(text: str, mask: str | None = None) -> Iterator[Link]:
    """Find the links that may lead to a note: relative addresses and wiki links outside of code.

    Args:
        text: Markdown without front matter.
        mask: the same, `masked`, if it is at hand.
    """
    if "](" not in text and "[[" not in text and "]:" not in text:
        return
    for found in _LINKS.finditer(masked(text) if mask is None else mask):
        if found["wiki"] is not None:
            name, part, label = (
                text[slice(*found.span(group))].strip() for group in ("name", "part", "label")
            )
            label = label or name + part.replace("#", " › ")
            yield Link(*found.span(), name, part, label)
            continue
        group = next(group for group in _ADDRESSES if found[group] is not None)
        path, hash_mark, part = text[found.start(group) : found.end(group)].partition("#")
        if path and not _ABROAD.match(path):
            target = unquote(path.partition("?")[0])
            yield Link(*found.span(group), target, hash_mark + part, None)


def link_keys(text: str, source: str | None) -> frozenset[str]:
    """Say where the links of a text lead, as keys to compare with `name_keys`.

    Args:
        text: the body of an item.
        source: its `source` field, None if it wasn't imported.
    """
    if "](" not in text and "[[" not in text and "]:" not in text:
        return frozenset()
    mask = masked(text)
    keys = {f"id {found[1]}" for found in _BY_ID.finditer(mask)}
    return frozenset(keys.union(*(keys_of(link, source) for link in links_in(text, mask))))


def keys_of(link: Link, source: str | None) -> tuple[str, ...]:
    """Say where one of `links_in` leads, the likeliest first; none if out of the folder."""
    if link.label is not None and "/" not in link.target:
        return (f"name {_folded(_stem(link.target))}",)
    if link.target.startswith(JOPLIN_ADDRESS):
        return (f"path {link.target}",)
    starts = ("", source or "") if link.label is not None else (source or "",)
    paths = (path_from(start, link.target) for start in starts)
    return tuple(
        f"path {_folded(meant)}" for path in paths if path is not None for meant in _meant(path)
    )


def name_keys(doc: str, title: str, source: str | None) -> frozenset[str]:
    """Say by what links an item is found: its id, its title, the file that it came from."""
    keys = {f"id {doc}"}
    if title.strip():
        keys.add(f"name {_folded(_stem(title.strip()))}")
    if source is not None and source.startswith(JOPLIN_ADDRESS):
        keys.add(f"path {source}")
    elif source is not None and is_markdown(source):
        keys |= {
            path_key(source),
            f"name {_folded(_stem(posixpath.basename(source)))}",
        }
    return frozenset(keys)


def path_key(source: str) -> str:
    """Say by what links a Markdown file is found, wherever its notes are: by its path."""
    return f"path {_folded(_stem(source))}"


_BY_ID: Final = re.compile(r"\]\([ \t]*<?" + ITEM_SCHEME + r"([a-z0-9]{28})\b")
_ADDRESSES: Final = ("bare", "angled", "defined", "defined_angled")


def path_from(source: str, target: str) -> str | None:
    """Work out the path in the folder that an address in the note `source` means.

    Args:
        source: path of the note, `/`-separated.
        target: address in it, decoded; a leading `/` means the folder itself.

    Returns:
        None if it leads out of the folder.
    """
    start = "" if target.startswith("/") else posixpath.dirname(source)
    path = posixpath.normpath(posixpath.join(start, target.lstrip("/")))
    if path == ".." or path.startswith("../"):
        return None
    return unicodedata.normalize("NFC", path)


def is_markdown(path: str) -> bool:
    """True if a path ends like a Markdown file."""
    return path.lower().endswith(MARKDOWN_SUFFIXES)


def with_leads(text: str, *, source: str | None, leads: Mapping[str, str]) -> str:
    """Make the links of a text lead to items, for showing it: `[label](cairn:<document id>#part)`.

    Links that lead to no note here stay as they are.

    Args:
        text: the body of an item.
        source: its `source` field, None if it wasn't imported.
        leads: document ids by key, of `link_keys`.
    """
    pieces: list[str] = []
    kept_from = 0
    for link in links_in(text):
        doc = next((leads[key] for key in keys_of(link, source) if key in leads), None)
        if doc is None:
            continue
        address = ITEM_SCHEME + doc + link.fragment.replace(" ", "%20")
        pieces += (
            text[kept_from : link.start],
            address if link.label is None else f"[{link.label}]({address})",
        )
        kept_from = link.end
    return "".join([*pieces, text[kept_from:]])


def with_wanted(text: str) -> str:
    """Make the wiki links that lead nowhere yet into links too: `[words](cairn-new:<title>)`.

    Args:
        text: one in which those that lead somewhere are rewritten already.
    """
    pieces: list[str] = []
    kept_from = 0
    for link in links_in(text):
        if link.label is not None and text[link.start] != "!":
            address = WANTED_SCHEME + quote(link.target, safe="")
            pieces += (text[kept_from : link.start], f"[{link.label}]({address})")
            kept_from = link.end
    return "".join([*pieces, text[kept_from:]])


def _meant(path: str) -> tuple[str, ...]:
    """Guess the files that an address may mean, likeliest first, all without Markdown's suffix."""
    if is_markdown(path):
        return (_stem(path),)
    stem, suffix = posixpath.splitext(path)
    if suffix.lower() in _PAGE_SUFFIXES:
        return (path, stem)
    return (path,) if suffix else (path, *(posixpath.join(path, name) for name in _FOLDER_NOTES))


def _stem(name: str) -> str:
    return posixpath.splitext(name)[0] if is_markdown(name) else name


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
