"""What a person reads: rows in, text out. Rich is imported only where a table is drawn (54 ms).

`words` has what needs no rich, `console` draws; the others are one module per kind of row.
"""
