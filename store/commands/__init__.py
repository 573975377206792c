"""What a person can do, one module a family of acts; each act is one SQLite transaction.

May import the domain, documents, database, log and projections; nothing imports it but the replica.
"""
