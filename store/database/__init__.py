"""SQLite: one file per home or server, its connections, and the steps that make its tables.

Imports the standard library only, except `migrations`, which is loaded when a file is behind.
"""

from store.database.connection import Database
from store.database.roles import CLIENT, SERVER, Role

__all__ = ["CLIENT", "SERVER", "Database", "Role"]
