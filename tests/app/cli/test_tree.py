"""The commands are those of the contract whose mechanism exists, and each says what it does."""

import click
import pytest

from app.cli.main import root
from app.cli.registry import COMMANDS

CONTRACT = """
whoami add tasks show edit start block done cancel reopen rm restore trash note notes move search
import export bundle backup serve spaces space invite join pair peers devices role revoke sync
status conflicts
resolve unresolve parked retry takeback salvage drafts history revert undo redo digest doctor
health stock budget book sagas notices
"""


def commands() -> list[tuple[str, click.Command]]:
    """All commands with their whole names, those of `space` too."""
    found = []
    context = click.Context(root)
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        found.append((name, command))
        if isinstance(command, click.Group):
            found += [(f"{name} {each}", inner) for each, inner in command.commands.items()]
    return found


def test_the_commands_are_those_of_the_contract() -> None:
    assert set(COMMANDS) == set(CONTRACT.split())


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_command_says_what_it_does(name: str, command: click.Command) -> None:
    said = command.get_short_help_str(limit=200)
    assert len(said) > 15, f"{name} has no help"
    assert said.endswith((".", "!", "?"))


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_option_is_explained_or_explains_itself(name: str, command: click.Command) -> None:
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            explained = option.help or option.metavar or isinstance(option.type, click.Choice)
            assert explained, f"{name} {option.opts[0]} says nothing"


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_command_takes_the_global_options(name: str, command: click.Command) -> None:
    taken = {option for each in command.params for option in each.opts}
    assert {"--home", "--json", "--space"} <= taken, name


def test_the_options_of_the_contract_are_there() -> None:
    options = {
        name: {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
        for name, command in commands()
    }
    for line in """
        whoami --name --device
        add --parent
        tasks --view --list --tag --state
        show --at
        edit --title --due --priority --list --parent --before --after --assignee --tag --pin
        edit --unpin --body --repeat
        start --reason
        reopen --reason
        trash --empty
        note --body --tag
        notes --tag --view
        import --format --dry-run
        export --format
        backup --data
        serve --listen --data --tls --peer --role --quiet-network
        join --at
        pair --role
        peers --timeout
        invite --role --expires --uses
        sync --watch --timeout
        conflicts --settled
        resolve --take --value --file
        revert --at
        doctor --repair
    """.strip().splitlines():
        name, *expected = line.split()
        assert set(expected) <= options[name], name
    assert {"--server", "--setup-code"} <= options["space create"] & options["space publish"]
    assert {"--browser", "--window", "--port"} <= {o for each in root.params for o in each.opts}
    assert "--database" not in options["serve"]
