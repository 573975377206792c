"""Fuzzes one decoder by coverage: `python -m tests.fuzz TARGET SECONDS [CORPUS]`, with Atheris.

What reached something new is kept in the folder CORPUS, if one is named: the next run goes on
from it.
"""

import sys
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Fuzz until the time is over or something else than a refusal comes out."""
    if find_spec("atheris") is None:
        print("Fuzzing needs Atheris: run `.venv/bin/pip install atheris`.", file=sys.stderr)
        return 2
    atheris = import_module("atheris")  # by name, as it is no part of the set-up
    with atheris.instrument_imports(include=["store", "sync"]):
        from tests.fuzz.targets import TARGETS
    if len(arguments) not in (2, 3) or arguments[0] not in TARGETS:
        print(f"Name one of {', '.join(TARGETS)}, seconds, and a folder.", file=sys.stderr)
        return 2
    target = TARGETS[arguments[0]]
    corpus = Path(arguments[2] if len(arguments) == 3 else tempfile.mkdtemp(prefix="cairn-fuzz-"))
    for number, example in enumerate(target.examples()):
        (corpus / f"example-{number}").write_bytes(example)
    options = [f"-max_total_time={arguments[1]}", "-max_len=8192", "-rss_limit_mb=1024"]
    atheris.Setup([sys.argv[0], str(corpus), *options], target.try_one)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
