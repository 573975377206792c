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
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from urllib.parse import quote, unquote

from store.domain.code_regions import masked

ITEM_SCHEME: Final = "cairn:"  # cairn:<document id>#part
WANTED_SCHEME: Final = "cairn-new:"  # cairn-new:<title of an item that is not there yet>
JOPLIN_ADDRESS: Final = ":/"  # before the id of a note: in Joplin's links, and in our sources
MARKDOWN_SUFFIXES: Final = (".md", ".markdown")

_PAGE_SUFFIXES: Final = (".html", ".htm")  # what a site generator makes of a note
_FOLDER_NOTES: Final = ("index.md", "README.md", "index.markdown")
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

T = TypeVar("T")


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
    return tuple(f"path {_folded(_stem(path))}" for path in paths if path is not None)


def name_keys(doc: str, title: str, source: str | None) -> frozenset[str]:
    """Say by what links an item is found: its id, its title, the file that it came from."""
    keys = {f"id {doc}"}
    if title.strip():
        keys.add(f"name {_folded(_stem(title.strip()))}")
    if source is not None and source.startswith(JOPLIN_ADDRESS):
        keys.add(f"path {source}")
    elif source is not None and is_markdown(source):
        keys |= {
            f"path {_folded(_stem(source))}",
            f"name {_folded(_stem(posixpath.basename(source)))}",
        }
    return frozenset(keys)


_BY_ID: Final = re.compile(r"\]\([ \t]*<?" + ITEM_SCHEME + r"([a-z0-9]{28})\b")
_ADDRESSES: Final = ("bare", "angled", "defined", "defined_angled")


class LinkTargets(Generic[T]):
    """The notes that links can lead to, by source path and by name."""

    def __init__(
        self, by_source: Iterable[tuple[str, T]], by_title: Iterable[tuple[str, T]] = ()
    ) -> None:
        """Index the notes.

        Args:
            by_source: path in the imported folder, and the note.
            by_title: title and note; where two have one title, the first counts.
        """
        self._by_path: dict[str, T] = {}
        self._by_name: dict[str, list[str]] = {}
        self._by_title: dict[str, T] = {}
        for path, note in by_source:
            self._by_path.setdefault(path, note)
            self._by_path.setdefault(_folded(path), note)
            self._by_name.setdefault(_folded(_stem(posixpath.basename(path))), []).append(path)
        for title, note in by_title:
            self._by_title.setdefault(_folded(title), note)

    def follow(self, link: Link, source: str | None) -> T | None:
        """Find the note that a link leads to.

        Args:
            link: one of `links_in`.
            source: path of the note that it stands in, None if that note wasn't imported.
        """
        if link.label is not None:
            return self._named(link.target, source)
        if link.target.startswith(JOPLIN_ADDRESS):
            return self._by_path.get(link.target)
        path = path_from(source or "", link.target)
        return None if path is None else self._at(path)

    def _at(self, path: str) -> T | None:
        for candidate in _candidates(path):
            note = self._by_path.get(candidate)
            if note is None:
                note = self._by_path.get(_folded(candidate))
            if note is not None:
                return note
        return None

    def _named(self, name: str, source: str | None) -> T | None:
        """Follow a wiki link: a path, else a file of this name (the nearest), else a title."""
        if "/" in name:
            for start in ("", source or ""):
                path = path_from(start, name)
                note = None if path is None else self._at(path)
                if note is not None:
                    return note
        wanted = _folded(_stem(name))
        paths = self._by_name.get(wanted.rpartition("/")[2], [])
        ends = [path for path in paths if _ends_with(_folded(_stem(path)), wanted)]
        if not ends:
            return self._by_title.get(wanted)
        home = posixpath.dirname(source or "")
        best = min(ends, key=lambda path: (posixpath.dirname(path) != home, path.count("/"), path))
        return self._by_path[best]


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


def with_item_links(text: str, *, source: str | None, targets: LinkTargets[str]) -> str:
    """Make the links of a text lead to items, for showing it: `[label](cairn:<document id>#part)`.

    Links that lead to no note here stay as they are.

    Args:
        text: the body of an item.
        source: its `source` field, None if it wasn't imported.
        targets: document ids, as from `link_index.link_targets`.
    """
    return _rewritten(text, lambda link: targets.follow(link, source))


def with_leads(text: str, *, source: str | None, leads: Mapping[str, str]) -> str:
    """Do the same where it was looked up already what each key leads to.

    Args:
        text: the body of an item.
        source: its `source` field, None if it wasn't imported.
        leads: document ids by key, of `link_keys`.
    """
    return _rewritten(
        text, lambda link: next((leads[k] for k in keys_of(link, source) if k in leads), None)
    )


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


def _rewritten(text: str, follow: Callable[[Link], str | None]) -> str:
    pieces: list[str] = []
    kept_from = 0
    for link in links_in(text):
        doc = follow(link)
        if doc is None:
            continue
        address = ITEM_SCHEME + doc + link.fragment.replace(" ", "%20")
        pieces += (
            text[kept_from : link.start],
            address if link.label is None else f"[{link.label}]({address})",
        )
        kept_from = link.end
    pieces.append(text[kept_from:])
    return "".join(pieces)


def _candidates(path: str) -> Iterator[str]:
    """Guess the files that an address may mean, likeliest first."""
    yield path
    if is_markdown(path):
        return
    stem, suffix = posixpath.splitext(path)
    if suffix.lower() in _PAGE_SUFFIXES:
        yield from (stem + each for each in MARKDOWN_SUFFIXES)
    yield from (path + each for each in MARKDOWN_SUFFIXES)
    yield from (posixpath.normpath(posixpath.join(path, name)) for name in _FOLDER_NOTES)


def _stem(name: str) -> str:
    return posixpath.splitext(name)[0] if is_markdown(name) else name


def _ends_with(path: str, wanted: str) -> bool:
    return path == wanted or path.endswith("/" + wanted)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
