"""`python -m sync.server`: the server alone, without the command line's libraries."""

import argparse
import sys
from pathlib import Path

from sync.server.listening import DEFAULT_LISTEN
from sync.server.process import serve


def main() -> int:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(
        prog="python -m sync.server", description="A server of Cairn's spaces."
    )
    parser.add_argument("--listen", default=DEFAULT_LISTEN, metavar="HOST:PORT")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--tls", action="store_true", help="speak TLS, with a kept certificate")
    parser.add_argument("--json", action="store_true", help="write the ready line as JSON")
    given = parser.parse_args()
    return serve(given.listen, given.data, json_ready=given.json, tls=given.tls)


if __name__ == "__main__":
    sys.exit(main())
