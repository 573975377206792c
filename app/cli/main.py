"""Runs one command: the root of the command line, and the border where errors end."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

import click

from app.cli import errors
from app.cli.parameters import WholeNumber
from app.cli.registry import Commands, load
from app.cli.requirement import ensure_automerge
from app.cli.session import Session

_UTF8 = "utf-8"
_LINK = "cairn://"


def run(argv: Sequence[str]) -> int:
    """Run one command line and give its exit status; tells standard error what went wrong.

    Args:
        argv: the arguments, without the program's name.
    """
    _write_utf8(sys.stdout, sys.stderr)
    session = Session()
    try:
        status = _invoke(argv, session)
        session.close()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough (`| head`)
        _forget_output()
        return errors.PIPE_CLOSED
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 -- the border
        return errors.report(error, as_json=session.as_json or _asks_for_json(argv))
    finally:
        session.close()
    return status


def _invoke(argv: Sequence[str], session: Session) -> int:
    words = _read_utf8(argv)
    if words and words[0].startswith(_LINK):  # what a desktop hands over when one is opened
        words.insert(0, "--invitation")
    try:
        with root.make_context("cairn", words, obj=session) as context:
            status = root.invoke(context)
    except click.exceptions.Exit as left:  # --help, --version
        return left.exit_code
    return status if isinstance(status, int) else errors.DONE


@click.group(
    cls=Commands,
    invoke_without_command=True,
    hidden_globals=False,
    epilog="Without a command, the app starts. Global options may also follow the command; ids may "
    "be shortened to any unique prefix.",
)
@click.option("--browser", "mode", flag_value="browser", help="Start the app in the browser.")
@click.option("--window", "mode", flag_value="window", help="Start the app in a window.")
@click.option(
    "--invitation",
    metavar="LINK",
    help="Start the app with an invite link filled in; so does a link in place of a command.",
)
@click.option("--port", type=WholeNumber(0, 65535), metavar="N", help="Port of the app's page.")
@click.option("--version", is_flag=True, is_eager=True, help="Show the version and leave.")
@click.pass_context
def root(
    context: click.Context,
    mode: str | None,
    invitation: str | None,
    port: int | None,
    version: bool,
) -> int | None:
    """Tasks and notes that work offline first and say the truth about being in sync."""
    session = context.ensure_object(Session)
    if version:
        _show_version(session)
        context.exit()
    ensure_automerge()
    if context.invoked_subcommand is None:
        status: int = load("app.ui.launch:run_app")(
            session.home, mode=mode, port=port, invitation=invitation or ""
        )
        return status
    if any(given is not None for given in (mode, invitation, port)):
        raise click.UsageError(
            "--browser, --window, --port and --invitation are for the app, which starts without a "
            "command.",
            context,
        )
    return None


def _show_version(session: Session) -> None:
    from importlib.metadata import version

    number = version("cairn")
    session.answer({"version": number}, f"cairn {number}")


def _read_utf8(argv: Sequence[str]) -> list[str]:
    """Read the arguments as UTF-8 where the locale could not; refuse what is no text.

    A byte that Python could not decode is a lone surrogate in its argument.
    """
    words = []
    for position, argument in enumerate(argv, start=1):
        try:
            argument.encode(_UTF8)
            words.append(argument)
        except UnicodeEncodeError:
            try:
                words.append(os.fsencode(argument).decode(_UTF8))
            except UnicodeError:
                raise click.UsageError(
                    f"Argument {position} is not valid UTF-8; set the terminal to UTF-8, and type "
                    "it again."
                ) from None
    return words


def _asks_for_json(argv: Sequence[str]) -> bool:
    """Tell whether `--json` was meant, for an error found before it was read."""
    options = argv[: argv.index("--")] if "--" in argv else argv
    return "--json" in options


def _write_utf8(*streams: TextIO) -> None:
    """Write UTF-8 whatever the locale says: titles and glyphs are not always its letters."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)  # a captured stream may lack it
        if reconfigure is not None:
            reconfigure(encoding=_UTF8, errors="replace")


def _forget_output() -> None:
    """Point standard output nowhere, so that Python's own last flush finds no closed pipe."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
