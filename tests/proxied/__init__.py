"""Real processes on a real network that fails: two homes and a server, a seeded proxy between them.

What worlds simulate is done here by sockets: connections that are refused, reset in the middle of
a request or of an answer, that say nothing, trickle, repeat or alter what they carry, and answers
that a gateway or a login page gives in the server's place.
"""
