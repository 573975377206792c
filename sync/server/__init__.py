"""The server of spaces: the protocol's other end, with no Automerge in its process (DECISIONS D22).

    process -> http -> endpoint -> service -> members, entry, intake, feed, compare -> store
    (uvicorn)  (Starlette)  (encoding, lanes)   (the rules; no HTTP, no asyncio)

It may import `sync.protocol` and of `store` what needs no Automerge. Import from its modules; the
package itself loads nothing.
"""
