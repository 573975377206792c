"""The signed list of who belongs to a space: statements as rows of its log, folded into `member`.

On both sides: a server signs for the spaces that it hosts, a device for those that it made. May
import `store.domain`, `store.database` and `store.log`.
"""
