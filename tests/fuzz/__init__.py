"""Every decoder of bytes and texts from outside, given rubbish: it reads them or says no, no more.

`targets.py` lists them with what each may raise and with good examples to begin from. `make test`
mutates the examples a little; `python -m tests.fuzz TARGET SECONDS` fuzzes one by coverage with
Atheris (`pip install atheris`, which is no part of the set-up); `make torture ARGS="--fuzz 600"`
does so with each of them.
"""
