"""What a person and a script see: the command line (`app.cli`) and the window (`app.ui`).

May import `sync` and `store`; nothing imports `app`. Paths are chosen in `locations`, rows become
the contract's JSON in `json_shapes`.
"""
