"""Parts of screens that draw what they are given: rows in, calls out, no store."""
