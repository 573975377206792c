#!/usr/bin/env python3
"""Makes a fresh machine ready, then runs or tests Cairn: `bootstrap.py setup|run|test|lock`.

It meets the machine before anything is installed: standard library only. This file keeps to syntax
that Python 3.6 reads, its siblings to 3.8, so that an old `python3` ends in a sentence.
"""

import sys

OLDEST = (3, 8)  # What the siblings are written for; what Cairn itself runs on is theirs to say.
USAGE = """usage: python3 build/bootstrap.py setup [--dev]        make .venv
       python3 build/bootstrap.py run [ARGUMENTS]     make .venv, then start cairn with them
       python3 build/bootstrap.py test [ARGUMENTS]    the same with the test tools, then pytest
       python3 build/bootstrap.py lock [--upgrade]    write the lock files anew"""


def say(line):  # type: (str) -> None
    """One line for the person, on standard error: standard output belongs to the program."""
    sys.stderr.write("cairn: " + line + "\n")
    sys.stderr.flush()


def main(arguments):  # type: (list[str]) -> int
    """Run one command; every failure is one line and a code other than 0."""
    if sys.version_info < OLDEST:
        say("this Python is too old even to set up with; install Python 3.12 and run it with that")
        return 1
    from journeys import COMMANDS, Stop  # here: an older Python could not read it

    command = COMMANDS.get(arguments[0]) if arguments else None
    if command is None:
        sys.stderr.write(USAGE + "\n")
        return 2
    try:
        return command(arguments[1:], say)
    except Stop as stop:
        say(str(stop))
    except OSError as error:  # a full disk, a folder without rights: the system's words are clear
        say(f"cannot go on: {error}")
    except KeyboardInterrupt:
        say("stopped; the same command goes on where this one was")
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
