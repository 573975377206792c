"""What links between imported notes mean, and how they are shown."""

import pytest

from store.domain.links import (
    LinkTargets,
    link_keys,
    name_keys,
    path_from,
    with_item_links,
    with_wanted,
)

NOTES = {
    "README.md": "n-readme",
    "trip/Route.md": "n-route",
    "other/Route.md": "n-other",
    "trip/packing list.markdown": "n-packing",
    "docs/index.md": "n-docs",
    "caf\u00e9.md": "n-cafe",
}
TARGETS = LinkTargets(NOTES.items(), [("Winter trip", "n-winter"), ("Route", "n-title")])


def presented(text: str, source: str | None = "trip/Route.md") -> str:
    return with_item_links(text, source=source, targets=TARGETS)


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
def test_a_link_to_a_note_is_shown_as_a_link_to_its_item(written: str, shown: str) -> None:
    assert presented(written) == shown


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
def test_what_leads_to_no_note_stays_as_it_is(text: str) -> None:
    assert presented(text) == text


def test_of_two_notes_of_one_name_the_nearest_is_meant() -> None:
    assert presented("[[Route]]", "trip/packing list.markdown") == "[Route](cairn:n-route)"
    assert presented("[[Route]]", "other/hut.md") == "[Route](cairn:n-other)"
    assert presented("[[Route]]", None) == "[Route](cairn:n-other)"


def test_the_task_of_a_checkbox_follows_links_as_its_note_does() -> None:
    assert presented("From [Route](Route.md)", "trip/Route.md#Buy rope") == (
        "From [Route](cairn:n-route)"
    )


def test_all_links_of_a_text_are_shown_and_the_rest_is_untouched() -> None:
    text = "See [a](../README.md), [b](lost.md) and [[README|c]]; `[d](../README.md)`.\n"

    assert presented(text) == (
        "See [a](cairn:n-readme), [b](lost.md) and [c](cairn:n-readme); `[d](../README.md)`.\n"
    )


@pytest.mark.parametrize(
    ("source", "target", "path"),
    [
        ("a/b.md", "c.md", "a/c.md"),
        ("a/b.md", "./d/../c.md", "a/c.md"),
        ("a/b.md", "../..", None),
        ("b.md", "../b.md", None),
        ("a/b.md", "/c.md", "c.md"),
    ],
)
def test_an_address_means_a_path_in_the_folder_or_none(
    source: str, target: str, path: str | None
) -> None:
    assert path_from(source, target) == path


@pytest.mark.parametrize(
    ("text", "source", "keys"),
    [
        ("[[Winter trip]]", None, {"name winter trip"}),
        ("[[Café.md|there]]", None, {"name café"}),
        ("[a](cairn:t1" + "a" * 26 + "#part)", None, {"id t1" + "a" * 26}),
        ("[a](../README.md)", "trip/Route.md", {"path readme"}),
        ("[[other/Route]]", "trip/x.md", {"path other/route", "path trip/other/route"}),
        ("[a](:/55555555555555555555555555555555)", None, {"path :/" + "5" * 32}),
        ("[a](../../out.md) [b](https://weather.example) `[[code]]`", "trip/x.md", set()),
        ("[[twice]] [[Twice]]", None, {"name twice"}),
    ],
)
def test_where_links_lead_is_said_by_keys(text: str, source: str | None, keys: set[str]) -> None:
    assert link_keys(text, source) == keys


def test_an_item_is_found_by_its_id_its_title_and_its_file() -> None:
    assert name_keys("n1x", "Winter trip", "trip/Route.md") == {
        "id n1x",
        "name winter trip",
        "name route",
        "path trip/route",
    }
    assert name_keys("t1x", " ", "Route.md#3") == {"id t1x"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[[The hut]]", "[The hut](cairn-new:The%20hut)"),
        ("[[The hut|there]] and [a](b.md)", "[there](cairn-new:The%20hut) and [a](b.md)"),
        ("![[picture.png]] `[[code]]`", "![[picture.png]] `[[code]]`"),
    ],
)
def test_what_is_named_and_not_there_yet_is_a_link_too(text: str, shown: str) -> None:
    assert with_wanted(text) == shown
