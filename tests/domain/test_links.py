"""Where links lead, and by what links an item is found: keys that are compared."""

import pytest

from store.domain.links import link_keys, name_keys, path_from, with_wanted


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
        (
            "[[other/Route]]",
            "trip/x.md",
            {
                *("path other/route", "path other/route/index", "path other/route/readme"),
                *("path trip/other/route", "path trip/other/route/index"),
                "path trip/other/route/readme",
            },
        ),
        ("[a](Route.html)", "trip/x.md", {"path trip/route.html", "path trip/route"}),
        ("[a](map.png)", "trip/x.md", {"path trip/map.png"}),
        ("[a](../docs/)", "trip/x.md", {"path docs", "path docs/index", "path docs/readme"}),
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
