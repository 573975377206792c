"""Parameters that many commands share; above all `--home`, `--json` and `--space`.

People type these before the command and after it, so every command takes them, and the later one
counts.
"""

import functools
from collections.abc import Callable
from typing import Any, Final, cast

import click

from app.cli.session import Session

GLOBALS_NOTE: Final = "Also: --home DIR, --json, --space NAME (see cairn --help)."


def _home_given(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.ensure_object(Session).home_given = _said("--home", value)


def _json_given(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(Session).as_json = True


def _space_given(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.ensure_object(Session).space = _said("--space", value)


def _said(option: str, value: str) -> str:
    """Refuse an empty value: a script's unset variable must not mean another folder or space."""
    if not value.strip():
        raise click.BadParameter("it is empty.", param_hint=f"'{option}'")
    return value


def global_options(*, hidden: bool) -> list[click.Parameter]:
    """Make the options that every command takes; they write to the session."""
    return [
        click.Option(
            ["--home"],
            metavar="DIR",
            help="The replica's folder (or CAIRN_HOME); the first command makes it.",
            callback=_home_given,
            expose_value=False,
            is_eager=True,
            hidden=hidden,
        ),
        click.Option(
            ["--json"],
            is_flag=True,
            help="Write exactly one JSON value to standard output.",
            callback=_json_given,
            expose_value=False,
            is_eager=True,
            hidden=hidden,
        ),
        click.Option(
            ["--space"],
            metavar="NAME",
            help="The space to write to or to look at (name or id).",
            callback=_space_given,
            expose_value=False,
            is_eager=True,
            hidden=hidden,
        ),
    ]


class WholeNumber(click.IntRange):
    """A whole number between bounds, called so in messages."""

    name = "whole number"


class Seconds(click.FloatRange):
    """Seconds between bounds, called so in messages."""

    name = "number of seconds"


class CairnCommand(click.Command):
    """A command that takes the global options too."""

    def __init__(self, name: str | None, **attributes: Any) -> None:
        own = attributes.pop("params", None) or []
        attributes["params"] = [*own, *global_options(hidden=True)]
        attributes.setdefault("epilog", GLOBALS_NOTE)
        super().__init__(name, **attributes)


class CairnGroup(click.Group):
    """A group of commands that takes the global options too."""

    def __init__(
        self,
        name: str | None = None,
        *,
        hidden_globals: bool = True,
        **attributes: Any,
    ) -> None:
        own = attributes.pop("params", None) or []
        attributes["params"] = [*own, *global_options(hidden=hidden_globals)]
        attributes.setdefault("no_args_is_help", False)
        super().__init__(name, **attributes)


def listing(name: str) -> Callable[[Callable[..., Any]], click.Group]:
    """Make a function a command that lists, with commands below it; it gets the session first."""

    def made(function: Callable[..., Any]) -> click.Group:
        @functools.wraps(function)
        def listed(session: Session, **options: Any) -> Any:
            context = click.get_current_context()
            return None if context.invoked_subcommand else function(session, **options)

        decorated = click.group(name, cls=CairnGroup, invoke_without_command=True)
        return cast("click.Group", decorated(click.pass_obj(listed)))

    return made


def command(
    name: str, *, has_numbers: bool = False
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a command of this name; it gets the session first.

    Args:
        name: how it is called.
        has_numbers: `-1` is an argument, to be refused by a rule and not as an unknown option.
    """
    settings = {"ignore_unknown_options": has_numbers}

    def made(function: Callable[..., Any]) -> click.Command:
        decorated = click.command(name, cls=CairnCommand, context_settings=settings)(
            click.pass_obj(function)
        )
        return cast("click.Command", decorated)

    return made
