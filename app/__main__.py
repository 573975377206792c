"""The program `cairn`: hands the arguments to the command line, which starts the app without any.

Imports nothing before it must: a command typed by hand should answer before the finger is up.
"""

import sys


def main() -> None:
    """Run the program and leave with its exit status (what each means: `app.cli.errors`)."""
    try:
        from app.cli.main import run
    except KeyboardInterrupt:  # the same as `run` does with it, while it was still loading
        sys.stderr.write("cairn: Interrupted.\n")
        sys.exit(130)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
