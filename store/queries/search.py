"""Full text search, best first: SQLite's FTS5 with bm25, titles before tags before bodies.

Every word must be in the item; the last one may be the beginning of a word, so that results come
while somebody types. What was typed is quoted, so that no operator of FTS5 is ever meant by
accident. Where no word fits, titles that hold the typed text as it is are found instead, and bodies
too if it is of a sign or script that the index doesn't cut into words.

Filters (`store.domain.filters`) narrow what is found; alone, they find what was changed last.
"""

import sqlite3
import unicodedata
from collections.abc import Sequence
from typing import Final

from store.domain.filters import Filter
from store.domain.ids import SpaceId
from store.queries.filtering import Conditions, add_filters
from store.queries.moment import Moment
from store.rows import MARK_END, MARK_START, SearchHit

WORDS_MAX: Final = 32  # of a pasted text, the first ones
_PREFIX_CHARS_MIN: Final = 2  # one letter begins a word in almost every note
_SNIPPET_TOKENS: Final = 16
_SNIPPET_CHARS: Final = 80  # around what was found as it is
_CANDIDATES: Final = 2  # times the limit: short titles may move up among these
_WEIGHTS: Final = "bm25(10.0, 1.0, 5.0)"  # title, body, tags

_FIND_WORDS: Final = (
    f"SELECT item.doc, item.kind, item.title, snippet(text_fts, -1, :start, :end, '…',"
    f" {_SNIPPET_TOKENS}), rank, highlight(text_fts, 0, :start, :end)"
    " FROM text_fts JOIN text ON text.id = text_fts.rowid"
    " JOIN item ON item.doc = text.doc"
    f" WHERE text_fts MATCH :query AND rank MATCH '{_WEIGHTS}' AND {{conditions}}"
    " ORDER BY rank LIMIT :limit"
)
_FIND_AS_TYPED: Final = (
    # Bodies only where the index can't help: reading ten thousand of them takes 20 ms.
    "SELECT doc, kind, title, (SELECT body FROM text WHERE text.doc = item.doc) FROM item"
    " WHERE (title LIKE :pattern ESCAPE '\\' OR (:in_bodies AND"
    " (SELECT instr(body, :typed) FROM text WHERE text.doc = item.doc))) AND {conditions}"
    " ORDER BY title NOT LIKE :pattern ESCAPE '\\', updated_at_ms DESC, doc LIMIT :limit"
)
_FIND_FILTERED: Final = (
    "SELECT doc, kind, title, snippet FROM item WHERE {conditions}"
    " ORDER BY updated_at_ms DESC, doc LIMIT :limit"
)


def search(
    conn: sqlite3.Connection,
    words: str,
    *,
    filters: Sequence[Filter] = (),
    moment: Moment,
    space: SpaceId | None = None,
    limit: int = 50,
) -> list[SearchHit]:
    """Find items outside the trash; any text is a valid search.

    Args:
        conn: a read connection.
        words: as typed, without the filters.
        filters: only what all of these keep.
        moment: the time where the person is.
        space: only items of this space.
        limit: at most so many.

    Returns:
        Hits by descending score.
    """
    conditions = Conditions(["{t}.trashed = 0", "{t}.purged = 0"])
    if space is not None:
        conditions.add("{t}.space = :space", space=space)
    add_filters(conditions, filters)
    conditions.parameters |= moment.parameters()
    typed = _cleaned(words)
    if not typed:
        return _find_filtered(conn, conditions, limit) if filters else []
    terms = [term for term in typed.split() if _has_token(term)][:WORDS_MAX]
    hits = _find_words(conn, terms, conditions, limit) if terms else []
    return hits or _find_as_typed(conn, typed, conditions, limit)


def _find_words(
    conn: sqlite3.Connection, terms: list[str], conditions: Conditions, limit: int
) -> list[SearchHit]:
    query = " ".join('"' + term.replace('"', '""') + '"' for term in terms)
    if len(terms[-1]) >= _PREFIX_CHARS_MIN or not terms[-1].isascii():
        query += "*"
    found = conn.execute(
        _FIND_WORDS.format(conditions=conditions.of("item")),
        {
            **conditions.parameters,
            "start": MARK_START,
            "end": MARK_END,
            "query": query,
            "limit": _CANDIDATES * limit,
        },
    )
    hits = [
        SearchHit(doc, kind, title, snippet, -rank * (1 + _share(terms, title)), marked)
        for doc, kind, title, snippet, rank, marked in found
    ]
    hits.sort(key=lambda hit: (-hit.score, hit.id))
    return hits[:limit]


def _find_as_typed(
    conn: sqlite3.Connection, typed: str, conditions: Conditions, limit: int
) -> list[SearchHit]:
    escaped = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = conn.execute(
        _FIND_AS_TYPED.format(conditions=conditions.of("item")),
        {
            **conditions.parameters,
            "pattern": f"%{escaped}%",
            "typed": typed,
            "in_bodies": not typed.isascii(),
            "limit": limit,
        },
    ).fetchall()
    return [
        # The order is that of the query: scores only have to say the same.
        SearchHit(
            doc, kind, title, _around(typed, title, body), 1 / (place + 1), _marked(typed, title)
        )
        for place, (doc, kind, title, body) in enumerate(found)
    ]


def _find_filtered(conn: sqlite3.Connection, conditions: Conditions, limit: int) -> list[SearchHit]:
    found = conn.execute(
        _FIND_FILTERED.format(conditions=conditions.of("item")),
        {**conditions.parameters, "limit": limit},
    )
    return [
        SearchHit(doc, kind, title, snippet, 1 / (place + 1))
        for place, (doc, kind, title, snippet) in enumerate(found)
    ]


def _around(typed: str, title: str, body: str) -> str:
    """Cut out where the typed text stands, with marks."""
    text = title if typed.casefold() in title.casefold() else body
    # LIKE ignores case for ASCII only, as lower() may change the length of other text.
    at = max(text.lower().find(typed.lower()), 0)
    end = at + len(typed)
    before, after = text[max(at - _SNIPPET_CHARS, 0) : at], text[end : end + _SNIPPET_CHARS]
    return f"{before}{MARK_START}{text[at:end]}{MARK_END}{after}"


def _marked(typed: str, title: str) -> str:
    """Put marks around the typed text in a title; as it is where it is not there."""
    at = title.lower().find(typed.lower())
    if at < 0:
        return title
    end = at + len(typed)
    return f"{title[:at]}{MARK_START}{title[at:end]}{MARK_END}{title[end:]}"


def _share(terms: list[str], title: str) -> float:
    """How much of a title was asked for: a short title that says just this comes first."""
    words = title.casefold().split()
    if not words:
        return 0.0
    asked = tuple(term.casefold() for term in terms)
    return sum(word.startswith(asked) for word in words) / len(words)


def _cleaned(words: str) -> str:
    """Make typed text storable: no NUL, and no half characters from a broken terminal."""
    return words.replace("\0", " ").encode("utf-8", "replace").decode("utf-8").strip()


def _has_token(term: str) -> bool:
    """Tell whether the index has words for it: letters, digits and private use characters."""
    return any(unicodedata.category(sign)[0] in "LN" or sign > "\ue000" for sign in term)
