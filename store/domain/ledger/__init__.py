"""The rules of shared supplies and money (DESIGN section 4), the same on both sides; all pure.

The authority decides a command against its books and gives facts back; both sides fold the facts.
May import `store.domain`, and nothing else.
"""
