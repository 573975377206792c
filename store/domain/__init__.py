"""The rules: pure functions and values, the same on every device and on the server.

No clock, randomness, files, network or database: what a rule needs of the world is passed in.
Imports only the standard library and, lazily in `recurrence`, python-dateutil.
"""
