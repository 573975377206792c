"""The client side of sync: rounds with the servers of this home's spaces, and when to run them.

It may import `store`, `sync.protocol`, `sync.errors` and the port in `sync.transport.base`. It
never touches HTTP or Automerge itself. Import from its modules; the package itself loads nothing.
"""
