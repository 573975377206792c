"""How links between imported notes are shown: as links to the items that they mean."""

from collections.abc import Iterator

import pytest

from store.domain.ids import DocId
from store.interchange import import_files
from store.replica import Replica

# What each note is called here in the place of its id, by its file.
NOTES = {
    "README.md": "n-readme",
    "trip/Route.md": "n-route",
    "other/Route.md": "n-other",
    "other/hut.md": "n-hut",
    "trip/packing list.markdown": "n-packing",
    "docs/index.md": "n-docs",
    "caf\u00e9.md": "n-cafe",
}


class Shelf:
    """A home with those notes, and two that were written in it."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.docs: dict[str | None, DocId] = {}
        with replica.db.read() as conn:
            self.docs.update(conn.execute("SELECT source, doc FROM item"))
        self.names = {self.docs[source]: name for source, name in NOTES.items()}
        self.names[replica.add_note("Winter trip")] = "n-winter"
        self.docs[None] = replica.add_note("Route")
        self.names[self.docs[None]] = "n-title"

    def presented(self, text: str, source: str | None = "trip/Route.md") -> str:
        """A text as it is shown where it stands in the note (None = in one written here)."""
        shown = self.replica.with_item_links(self.docs[source], text)
        for doc, name in self.names.items():
            shown = shown.replace(f"cairn:{doc}", f"cairn:{name}")
        return shown


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    folder = tmp_path_factory.mktemp("vault")
    for source in NOTES:
        path = folder / source
        path.parent.mkdir(exist_ok=True)
        path.write_text("- [ ] Buy rope\n", encoding="utf-8")
    with Replica.open(tmp_path_factory.mktemp("home")) as replica:
        import_files(replica, folder, format="markdown", space=None, checkboxes_as_tasks=True)
        yield Shelf(replica)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[a](../README.md)", "[a](cairn:n-readme)"),
        ("[a](../README.md#start 'title')", "[a](cairn:n-readme#start 'title')"),
        ("[a](/README.md)", "[a](cairn:n-readme)"),
        ("[a](../readme.MD)", "[a](cairn:n-readme)"),
        ("[a](<packing list.markdown>)", "[a](<cairn:n-packing>)"),
        ("[a](packing%20list.markdown)", "[a](cairn:n-packing)"),
        ("[a](Route.html#ridge)", "[a](cairn:n-route#ridge)"),
        ("[a](Route)", "[a](cairn:n-route)"),
        ("[a](../docs/)", "[a](cairn:n-docs)"),
        ("[a](../cafe\u0301.md)", "[a](cairn:n-cafe)"),
        ("[a][b]\n\n[b]: ../README.md 'title'", "[a][b]\n\n[b]: cairn:n-readme 'title'"),
        ("[b]:\n  ../README.md", "[b]:\n  cairn:n-readme"),
        ("[[README]]", "[README](cairn:n-readme)"),
        ("[[README|home]]", "[home](cairn:n-readme)"),
        ("[[README#At the start]]", "[README › At the start](cairn:n-readme#At%20the%20start)"),
        ("| [[README\\|home]] |", "| [home](cairn:n-readme) |"),
        ("[[Winter trip]]", "[Winter trip](cairn:n-winter)"),
        ("[[other/Route]]", "[other/Route](cairn:n-other)"),
        ("[[../README]]", "[../README](cairn:n-readme)"),
    ],
)
def test_a_link_to_a_note_is_shown_as_a_link_to_its_item(
    shelf: Shelf, written: str, shown: str
) -> None:
    assert shelf.presented(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "[a](lost.md)",
        "[a](../../README.md)",
        "[a](https://weather.example/README.md)",
        "[a](//weather.example/README.md)",
        "[a](mailto:kit@weather.example)",
        "[a](#README.md)",
        "[a]({{ site.url }}/README.md)",
        "[[Nobody]]",
        "`[a](../README.md)` and `[[README]]`",
        "```\n[a](../README.md)\n```",
        "[a] (../README.md)",
        "[[]] and [a]()",
        "",
    ],
)
def test_what_leads_to_no_note_stays_as_it_is(shelf: Shelf, text: str) -> None:
    assert shelf.presented(text) == text


def test_of_two_notes_of_one_name_the_nearest_is_meant(shelf: Shelf) -> None:
    assert shelf.presented("[[Route]]", "trip/packing list.markdown") == "[Route](cairn:n-route)"
    assert shelf.presented("[[Route]]", "other/hut.md") == "[Route](cairn:n-other)"
    assert shelf.presented("[[Route]]", None) == "[Route](cairn:n-other)"


def test_the_task_of_a_checkbox_follows_links_as_its_note_does(shelf: Shelf) -> None:
    assert shelf.presented("From [Route](Route.md)", "trip/Route.md#Buy rope") == (
        "From [Route](cairn:n-route)"
    )


def test_all_links_of_a_text_are_shown_and_the_rest_is_untouched(shelf: Shelf) -> None:
    text = "See [a](../README.md), [b](lost.md) and [[README|c]]; `[d](../README.md)`.\n"

    assert shelf.presented(text) == (
        "See [a](cairn:n-readme), [b](lost.md) and [c](cairn:n-readme); `[d](../README.md)`.\n"
    )
