"""Opens documents whose rows may be damaged in any way."""

import sqlite3

from store.commands.document_cache import DocumentCache
from store.documents.open_doc import OpenDoc
from store.documents.state import DocState
from store.domain.errors import InvalidValue
from store.domain.ids import parse_doc_id
from store.errors import DocumentCorrupt


def opened(conn: sqlite3.Connection, cache: DocumentCache, doc: str) -> tuple[OpenDoc, DocState]:
    """Open a document and read all that it says.

    Raises:
        DocumentCorrupt: it can't be opened or read.
    """
    try:
        held = cache.open(conn, parse_doc_id(doc))
        return held, held.state()
    except InvalidValue as error:
        raise DocumentCorrupt(doc, "that is no id of a document") from error
    except (KeyError, TypeError) as error:
        # What reads the log trusts it to be closed under deps, and its columns to be there.
        raise DocumentCorrupt(doc, "its changes do not fit together") from error
