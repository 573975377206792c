"""What this replica knows: documents, their log, and the rows derived from them.

May import nothing of `sync` or `app`; everything in here may import `store.domain`, which is pure.
"""
