"""How replicas agree: the protocol, its client, its server, and what carries messages between them.

It may import `store`, never `app`. Import from the modules; the package itself loads nothing.
"""
