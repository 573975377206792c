"""Links between notes and tasks, followed and followed back, by title, by id, by file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.ids import DocId, new_space_id
from store.replica import Replica
from store.rows import Links
from tests.support.flet_harness import open_replica
from tests.support.spaces import share_space

ROWS = ("SELECT * FROM link ORDER BY doc, key", "SELECT * FROM link_name ORDER BY doc, key")


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    with open_replica(tmp_path / "home") as opened:
        yield opened


def ends(found: Links) -> tuple[list[str], list[str]]:
    return [row.title for row in found.ahead], [row.title for row in found.behind]


def rows(replica: Replica) -> list[list[tuple[str, str]]]:
    with replica.db.read() as conn:
        return [conn.execute(query).fetchall() for query in ROWS]


def test_a_link_by_title_is_followed_both_ways(replica: Replica) -> None:
    rope = replica.add_task(NewTask("Buy rope"))
    plan = replica.add_note("Plan", body="First [[buy ROPE]], then go.")

    assert ends(replica.links(plan)) == (["Buy rope"], [])
    assert ends(replica.links(rope)) == ([], ["Plan"])


def test_a_task_leads_to_a_note_too(replica: Replica) -> None:
    plan = replica.add_note("Plan")
    replica.add_task(NewTask("Buy rope", body="As in [[Plan|the plan]]."))

    assert ends(replica.links(plan)) == ([], ["Buy rope"])


def test_a_link_by_id_holds_when_the_title_changes_and_one_by_title_does_not(
    replica: Replica,
) -> None:
    rope = replica.add_task(NewTask("Buy rope"))
    by_id = replica.add_note("By id", body=f"[rope](cairn:{rope})")
    by_title = replica.add_note("By title", body="[[Buy rope]]")

    replica.edit(rope, Patch(fields={"title": "Buy a longer rope"}))

    assert ends(replica.links(by_id)) == (["Buy a longer rope"], [])
    assert ends(replica.links(by_title)) == ([], [])
    assert ends(replica.links(rope)) == ([], ["By id"])


def test_a_title_that_comes_later_makes_its_links_lead_somewhere(replica: Replica) -> None:
    plan = replica.add_note("Plan", body="[[Hut]]")
    assert ends(replica.links(plan)) == ([], [])

    hut = replica.add_note("Hut")

    assert ends(replica.links(plan)) == (["Hut"], [])
    assert ends(replica.links(hut)) == ([], ["Plan"])


def test_of_two_with_one_title_the_older_note_is_meant_and_only_it_is_linked_from(
    replica: Replica,
) -> None:
    task = replica.add_task(NewTask("Hut"))
    older = replica.add_note("Hut")
    replica.add_note("Plan", body="[[Hut]]")

    assert ends(replica.links(older)) == ([], ["Plan"])
    assert ends(replica.links(task)) == ([], [])


def test_what_is_in_the_trash_links_nothing(replica: Replica) -> None:
    hut = replica.add_note("Hut")
    plan = replica.add_note("Plan", body="[[Hut]]")

    replica.trash(plan)

    assert ends(replica.links(hut)) == ([], [])


def test_links_stay_in_their_space(replica: Replica) -> None:
    share_space(replica, new_space_id(b"16 bytes of Trip"), "Trip")
    hut = replica.add_note("Hut", space="Trip")
    plan = replica.add_note("Plan", body=f"[[Hut]] [hut](cairn:{hut})", space="Personal")

    assert ends(replica.links(plan)) == ([], [])
    assert ends(replica.links(hut)) == ([], [])


def test_code_links_nothing(replica: Replica) -> None:
    replica.add_note("Hut")
    plan = replica.add_note("Plan", body="`[[Hut]]`\n\n```\n[[Hut]]\n```\n")

    assert ends(replica.links(plan)) == ([], [])


def test_deriving_all_rows_anew_changes_no_link(replica: Replica) -> None:
    rope = replica.add_task(NewTask("Buy rope"))
    plan = replica.add_note("Plan", body="[[Buy rope]] [[Hut]] [a](other.md)")
    replica.edit(plan, Patch(body=f"[rope](cairn:{rope}) [[Nobody]]"))
    replica.edit(rope, Patch(fields={"title": "Sell rope"}))
    incremental = rows(replica)

    replica.rebuild()

    assert rows(replica) == incremental
    assert (plan, "name nobody") in incremental[0]
    assert (plan, "name hut") not in incremental[0]


def test_a_home_of_before_links_to_folders_gets_those(replica: Replica, tmp_path: Path) -> None:
    plan = replica.add_note("Plan", body="[the route](trip/)")
    before = rows(replica)
    assert (plan, "path trip/readme") in before[0]
    replica.close()
    with Replica.open(tmp_path / "home") as opened, opened.db.write() as conn:
        conn.execute("DELETE FROM link WHERE key = 'path trip/readme'")
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'links_anew'")
        conn.execute("PRAGMA user_version = 16")

    with Replica.open(tmp_path / "home") as opened:
        assert rows(opened) == before


def test_a_home_of_before_the_links_gets_them(replica: Replica, tmp_path: Path) -> None:
    rope: DocId = replica.add_task(NewTask("Buy rope"))
    replica.add_note("Plan", body="[[Buy rope]]")
    before = rows(replica)
    replica.close()
    with Replica.open(tmp_path / "home") as opened, opened.db.write() as conn:
        conn.execute("DROP TABLE link")
        conn.execute("DROP TABLE link_name")
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'links'")
        conn.execute("PRAGMA user_version = 5")

    with Replica.open(tmp_path / "home") as opened:
        assert rows(opened) == before
        assert ends(opened.links(rope)) == ([], ["Plan"])
