"""What carries messages: the port (`base`), HTTP, and the official in-memory fake.

It may import `sync.protocol` and `sync.errors`. Import from its modules; the package loads nothing.
"""
