"""Automerge documents: their bytes, their schema, and what they say.

Only `binding` may import Automerge. `codec`, `chunk`, `inspect`, `header`, `schema` and `initial`
read and write change bytes in pure Python, so that the server can judge changes without loading it.
May import `store.domain` and `store.errors`.
"""
