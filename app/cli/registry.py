"""Which commands there are, and where each one is: to run one, only its module is loaded.

Click is used as it is, not through Typer: Typer (0.29) checks every argument with pydantic, which
takes longer (0.13 s) than all else that `cairn add` does.
"""

from importlib import import_module
from typing import Any, Final

import click

from app.cli.parameters import CairnGroup

# Heading in `cairn --help`, then each command and where it is.
SECTIONS: Final[dict[str, dict[str, str]]] = {
    "Tasks": {
        "add": "app.cli.items:add",
        "tasks": "app.cli.items:tasks",
        "start": "app.cli.lifecycle:start",
        "block": "app.cli.lifecycle:block",
        "done": "app.cli.lifecycle:done",
        "cancel": "app.cli.lifecycle:cancel",
        "reopen": "app.cli.lifecycle:reopen",
    },
    "Notes": {
        "note": "app.cli.notes:note",
        "notes": "app.cli.notes:notes",
    },
    "Tasks and notes": {
        "show": "app.cli.items:show",
        "edit": "app.cli.edit:edit",
        "search": "app.cli.items:search",
        "move": "app.cli.items:move",
        "rm": "app.cli.trash:rm",
        "restore": "app.cli.trash:restore",
        "trash": "app.cli.trash:trash",
    },
    "The past": {
        "history": "app.cli.past:history",
        "revert": "app.cli.past:revert",
        "undo": "app.cli.past:undo",
        "redo": "app.cli.past:redo",
    },
    "Sync": {
        "sync": "app.cli.sync:sync",
        "status": "app.cli.sync:status",
        "conflicts": "app.cli.conflicts:conflicts",
        "resolve": "app.cli.conflicts:resolve",
        "unresolve": "app.cli.conflicts:unresolve",
        "parked": "app.cli.parked:parked",
        "retry": "app.cli.parked:retry",
        "takeback": "app.cli.parked:takeback",
        "salvage": "app.cli.parked:salvage",
        "drafts": "app.cli.parked:drafts",
    },
    "Supplies and money": {
        "stock": "app.cli.stock:stock",
        "budget": "app.cli.money:budget",
        "book": "app.cli.money:book",
        "sagas": "app.cli.money:sagas",
        "notices": "app.cli.money:notices",
    },
    "Spaces and people": {
        "whoami": "app.cli.care:whoami",
        "spaces": "app.cli.spaces:spaces",
        "space": "app.cli.spaces:space",
        "invite": "app.cli.members:invite",
        "join": "app.cli.members:join",
        "pair": "app.cli.members:pair",
        "peers": "app.cli.members:peers",
        "devices": "app.cli.members:devices",
        "role": "app.cli.members:role",
        "revoke": "app.cli.members:revoke",
    },
    "In, out and care": {
        "import": "app.cli.interchange:import_",
        "export": "app.cli.interchange:export",
        "bundle": "app.cli.bundle:bundle",
        "backup": "app.cli.backup:backup",
        "serve": "app.cli.server:serve",
        "digest": "app.cli.care:digest",
        "doctor": "app.cli.care:doctor",
        "health": "app.cli.health:health",
    },
}

COMMANDS: Final[dict[str, str]] = {
    name: place for section in SECTIONS.values() for name, place in section.items()
}


def load(place: str) -> Any:
    """Import `module:name` and give what has the name."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


class Commands(CairnGroup):
    """The root of the command tree: finds each command in its module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's shape
        """Name all commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 -- click's shape
        cmd_name: str,
    ) -> click.Command | None:
        """Load one command, or None if there is none of this name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        command: click.Command = load(place)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name; suggest near ones for a slip of the finger."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their headings."""
        width = max(len(name) for name in COMMANDS)
        for heading, section in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl(
                    [(name.ljust(width), self._short_help(ctx, name)) for name in section]
                )

    def _short_help(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit=100) if command else ""
