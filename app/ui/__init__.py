"""The app: a window or a page, drawn by Flet from what the replica says.

`launch` starts it, `core` holds what all tabs share, `session` is one tab. `views` are screens and
may ask the replica through the session's hooks; `components` only draw what they are given.
"""
