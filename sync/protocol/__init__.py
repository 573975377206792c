"""The contract that client and server share: messages, how they are encoded, cursors, problems.

It may import `store.domain` and `sync.errors`, nothing else of ours. Import from its modules.
"""
