"""A device that serves its spaces to others nearby: the server's protocol over a home (DESIGN 3).

    process, app -> host -> house -> entry, shelf -> sync.server, store.replica
                    discovery (zeroconf)   joining -> sync.client

It stands above client and server, and is the only place where the two meet. The serving code is the
server's own and loads no Automerge; what a guest sends is tried in a child process before the home
takes it in like any other remote change (DECISIONS D22, ADR 18).
"""
