"""Spaces: which is current, and which one a name means."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import peers, spaces
from store.domain.errors import Ambiguous, NotFound
from store.log import create_space
from tests.store.building import HOME, NOW_MS, OTHER, database


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with database(tmp_path) as db, db.write() as conn:
        create_space(conn, OTHER, "Kitchen", b"g", NOW_MS + 1, "hosted")
        yield conn


def test_spaces_are_listed_oldest_first_with_the_server_they_have(
    conn: sqlite3.Connection,
) -> None:
    peers.attach_peer(conn, "server", OTHER, url="https://x", token="t", role="viewer")

    home, kitchen = spaces.spaces(conn)
    assert (home.id, home.name, home.kind, home.role, home.url) == (
        HOME, "Home", "local", None, None,
    )  # fmt: skip
    assert (kitchen.kind, kitchen.role, kitchen.url) == ("hosted", "viewer", "https://x")


def test_one_space_is_current_once_one_is_chosen(conn: sqlite3.Connection) -> None:
    with pytest.raises(NotFound, match="cairn space use"):
        spaces.current_space(conn)

    for each in (HOME, OTHER):
        spaces.set_current(conn, each)
        assert spaces.find_space(conn, None).id == each
        assert [row.id for row in spaces.spaces(conn) if row.is_current] == [each]


@pytest.mark.parametrize("name", [OTHER, "Kitchen", "kitchen", "KITCHEN", OTHER[:6]])
def test_a_space_is_found_by_id_name_or_the_start_of_its_id(
    conn: sqlite3.Connection, name: str
) -> None:
    assert spaces.find_space(conn, name).id == OTHER


@pytest.mark.parametrize("name", ["", "Kit", "Cellar"])
def test_a_name_that_no_space_has_is_answered_with_those_there_are(
    conn: sqlite3.Connection, name: str
) -> None:
    with pytest.raises(NotFound, match="there are: Home, Kitchen"):
        spaces.find_space(conn, name)


def test_two_spaces_of_one_name_have_to_be_told_apart_by_id(conn: sqlite3.Connection) -> None:
    spaces.rename(conn, OTHER, "Home")

    with pytest.raises(Ambiguous, match="2 spaces are called Home; give an id instead"):
        spaces.find_space(conn, "Home")
    assert spaces.find_space(conn, OTHER).name == "Home"


def test_an_exact_name_goes_before_the_same_name_in_another_case(
    conn: sqlite3.Connection,
) -> None:
    spaces.rename(conn, OTHER, "HOME")

    assert spaces.find_space(conn, "HOME").id == OTHER
    assert spaces.find_space(conn, "Home").id == HOME


def test_publishing_makes_a_local_space_hosted(conn: sqlite3.Connection) -> None:
    spaces.set_kind(conn, HOME, "hosted")

    assert spaces.find_space(conn, HOME).kind == "hosted"
    assert spaces.space_names(conn) == {HOME: "Home", OTHER: "Kitchen"}
