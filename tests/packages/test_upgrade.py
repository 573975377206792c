"""What each release left on the disk opens today, says what it said, and syncs what waited.

`make release` adds a folder to `tests/data/releases/` (by `build/release/freeze_data.py`); none is
changed afterwards.
"""

import asyncio
import contextlib
import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

import project
from app.cli.main import run
from store.domain.ids import SpaceId
from store.replica import Replica
from sync.client.engine import Engine
from sync.transport.http import HttpTransport
from tests.support.rounds import one_round
from tests.support.server import running_server

RELEASES = sorted((project.ROOT / "tests/data/releases").iterdir())
RELEASED = re.compile(r"^## \[(\d[^\]]*)\]", re.M)


def _has_ledger(kept: Path) -> bool:
    """Whether a release kept supplies: the first did not have any."""
    return "stock --space Trip" in (kept / "story.json").read_text(encoding="utf-8")


class Upgraded:
    """The data of one release, unpacked, with today's program on it."""

    def __init__(self, kept: Path, place: Path) -> None:
        with tarfile.open(kept / "data.tar.xz") as packed:
            packed.extractall(place, filter="data")
        self.place = place
        self.story = json.loads((kept / "story.json").read_text(encoding="utf-8"))

    def says(self, who: str, question: str) -> Any:
        """Type a command of today; give its answer."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            status = run(["--home", str(self.place / who), "--json", *question.split(" ")])
        assert status == 0, question
        return json.loads(out.getvalue())

    def sync(self, who: str, url: str) -> None:
        """Run one round with the server, wherever it listens today."""

        async def round_() -> None:
            with Replica.open(self.place / who) as replica:
                engine = Engine(replica, lambda _: HttpTransport(url))
                (trip,) = (SpaceId(space.id) for space in replica.spaces() if space.name == "Trip")
                result = await one_round(engine, replica, trip)
                await engine.aclose()
            assert result.error is None, result

        asyncio.run(round_())


@pytest.fixture(params=RELEASES, ids=lambda kept: kept.name)
def upgraded(request: pytest.FixtureRequest, tmp_path: Path) -> Upgraded:
    return Upgraded(request.param, tmp_path)


def test_everything_is_said_as_the_release_said_it(upgraded: Upgraded) -> None:
    for who, questions in upgraded.story["said"].items():
        for question, then in questions.items():
            expect_kept(then, upgraded.says(who, question), f"{who}: {question}")
        assert upgraded.says(who, "doctor")["ok"]


def test_what_waited_to_be_sent_is_sent_and_both_agree(upgraded: Upgraded) -> None:
    waiting = upgraded.says("ann", "status --space Trip")["pending"]
    assert waiting == upgraded.story["said"]["ann"]["status --space Trip"]["pending"] > 0

    with running_server(upgraded.place) as server:
        for who in ("ann", "bea", "ann"):
            upgraded.sync(who, server.url)

    assert upgraded.says("ann", "status --space Trip")["pending"] == 0
    assert upgraded.says("ann", "digest --space Trip") == upgraded.says(
        "bea", "digest --space Trip"
    )
    titles = [task["title"] for task in upgraded.says("bea", "tasks")]
    assert {"Ask about the key", "Buy gas"} <= set(titles)
    then = upgraded.story["said"]["ann"]["conflicts"]
    now = upgraded.says("bea", "conflicts")
    assert {each["id"] for each in then} <= {each["id"] for each in now}


@pytest.mark.parametrize("kept", [kept for kept in RELEASES if _has_ledger(kept)], ids=str)
def test_what_was_asked_of_a_server_of_then_is_decided_today(kept: Path, tmp_path: Path) -> None:
    """The keys, the entries and what waited: all of it is that release's."""
    upgraded = Upgraded(kept, tmp_path)
    with running_server(upgraded.place) as server:
        for who in ("ann", "bea", "ann"):
            upgraded.sync(who, server.url)

    for who in ("ann", "bea"):
        states = [each["state"] for each in upgraded.says(who, "stock reservations --space Trip")]
        assert states == ["confirmed"] * 3
        (tent,) = upgraded.says(who, "stock --space Trip")
        assert (tent["count"], tent["available"], tent["pending"]) == (3, 0, 0)
        (food,) = upgraded.says(who, "budget --space Trip")
        assert food["available"] == "60.00"


def test_a_conflict_of_then_is_settled_today(upgraded: Upgraded) -> None:
    (title,) = (each for each in upgraded.says("ann", "conflicts") if each["field"] == "title")

    upgraded.says("ann", f"resolve {title['id']} --take 0")

    shown = upgraded.says("ann", f"show {title['doc_id']}")
    assert shown["title"] == title["sides"][0]["value"]
    assert title["id"] not in shown["conflicts"]


def test_every_release_of_the_changelog_left_its_data_here() -> None:
    changelog = (project.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert set(RELEASED.findall(changelog)) <= {kept.name for kept in RELEASES}
    assert RELEASES, "the data that this was begun with"


def expect_kept(then: Any, now: Any, where: str) -> None:
    """Everything that was said is said still; a later version may say more about a thing."""
    if isinstance(then, dict):
        assert isinstance(now, dict), where
        for key, value in then.items():
            assert key in now, f"{where}.{key}"
            expect_kept(value, now[key], f"{where}.{key}")
    elif isinstance(then, list):
        assert len(then) == len(now), where
        for number, (old, new) in enumerate(zip(then, now, strict=True)):
            expect_kept(old, new, f"{where}[{number}]")
    else:
        assert then == now, where
