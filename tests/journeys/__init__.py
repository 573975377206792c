"""The app as a person uses it: real processes, a real browser, found by role and name only."""
