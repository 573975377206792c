"""An invite link in place of a command: what a desktop does with one that was clicked."""

import sys
from pathlib import Path

from store.domain.ids import new_space_id
from store.replica import Replica
from sync.client.link import InviteLink, build_link
from tests.app.cli.conftest import Cairn
from tests.support.running_app import running_app

LINK = build_link(InviteLink("https://hut.example.org", new_space_id(bytes(16)), "secret", "Hut"))


def test_a_link_starts_the_app_and_joins_nothing(tmp_path: Path) -> None:
    with running_app(tmp_path / "home", cairn=(sys.executable, "-m", "app", LINK)) as app:
        assert app.stop() == 0
        assert app.log() == ""

    with Replica.open(tmp_path / "home") as replica:
        assert [space.name for space in replica.spaces()] == ["Personal"]


def test_a_link_is_for_the_app_and_no_command_takes_it(cairn: Cairn) -> None:
    answer = cairn("--invitation", LINK, "add", "Rope")

    assert answer.status == 2
    assert "--invitation" in answer.err
