"""Rows derived from documents: lists, search and conflicts read these, never documents.

They are written in the transaction of the change that they show, and are disposable: deriving all
of them anew from the log gives the same rows. Imports of the store only its domain and
`store.documents.state`.
"""

from store.projections.canonical import canonical_json
from store.projections.conflicts import Listed, listed, remember_listed
from store.projections.items import forget, project, project_many

__all__ = [
    "Listed",
    "canonical_json",
    "forget",
    "listed",
    "project",
    "project_many",
    "remember_listed",
]
