"""What each migration step makes: a module a step, a function that makes its tables.

A step that a release has made is never edited. Blobs stand last in their tables, so that reading a
small column never walks through a large one.
"""
