"""The command line: a contract that scripts rely on. One module per group of commands.

`registry` names every command and its module, `main` runs one of them, `errors` turns what went
wrong into one line and an exit status. Modules import what is heavy inside the functions that need
it.
"""
