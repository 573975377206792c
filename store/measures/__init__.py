"""The samples of this home: written with what they are about, summed by time, read as measures.

Nothing in here says who or what: names, labels and numbers only. May import the domain, the
database and what it counts (log, peers).
"""
