"""`make torture`: worlds, kill points and proxied syncs in any number, written down with seeds.

It runs what the tests run, only more of it, one process at a time, and adds a line for each part
to `tests/simulation/RESULTS.md`: when, at which commit, which seeds or points, by which command,
what failed, on which machine.
"""
