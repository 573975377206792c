"""How the files of a folder become items, without a replica."""

import os
import time
from pathlib import Path

import pytest

from store.domain.limits import TAGS_MAX, TEXT_CHARS_MAX, TITLE_CHARS_MAX
from store.interchange.markdown_folder import MarkdownReader
from store.interchange.reader import Target
from store.interchange.report import Losses
from tests.interchange.reading import VAULT, folder_of, read


def test_every_file_of_the_vault_becomes_a_note_with_its_best_title() -> None:
    vault = read(VAULT)

    assert {source: item.title for source, item in vault.items.items()} == {
        "README.md": "Hut weekend",
        "bad-front-matter.md": "bad-front-matter",
        "empty.md": "empty",
        "other/Route.md": "Route",
        "posts/2026-02-30-not-a-day.md": "2026-02-30-not-a-day",
        "posts/2026-03-01-deep-snow-at_last.markdown": "Deep snow at last",
        "rules.md": "rules",
        "trip/Route.md": "From the hut to the ridge",
        "trip/notes/stars.md": "Stars above",
        "trip/packing.md": "Packing: what to take",
        "trip/🏔 summit.md": "View N & S",
    }
    assert {item.kind for item in vault.items.values()} == {"note"}


def test_a_note_is_tagged_by_its_front_matter_and_by_each_folder_it_lies_in() -> None:
    items = read(VAULT).items

    assert items["trip/packing.md"].tags == ("climb", "lists", "trip", "winter trip")
    assert items["trip/notes/stars.md"].tags == ("notes", "trip")
    assert items["posts/2026-03-01-deep-snow-at_last.markdown"].tags == ("posts", "report", "snow")
    assert items["README.md"].tags == ()


def test_the_date_comes_from_the_front_matter_else_from_the_name_of_a_post() -> None:
    items = read(VAULT).items

    assert items["trip/packing.md"].at_ms == 1_767_979_800_000  # 18:30 at UTC+1
    assert items["posts/2026-03-01-deep-snow-at_last.markdown"].at_ms == 1_772_323_200_000
    assert items["posts/2026-02-30-not-a-day.md"].at_ms is None
    assert items["README.md"].at_ms is None


def test_the_body_is_the_text_as_it_stands_below_the_front_matter() -> None:
    items = read(VAULT).items

    for source in ("README.md", "trip/Route.md", "rules.md", "bad-front-matter.md", "empty.md"):
        assert items[source].body == (VAULT / source).read_text(encoding="utf-8")


def test_front_matter_that_says_something_else_stays_above_the_text_as_it_was_written() -> None:
    items = read(VAULT).items

    assert items["trip/packing.md"].body.startswith(
        "---\nauthor: Kit\nweight: 12.50\n---\n\n- [ ] Rope, 60 m\n"
    )
    assert items["posts/2026-03-01-deep-snow-at_last.markdown"].body == (
        "---\nlayout: post\n---\n\nFresh snow.\n"
    )


def test_what_could_not_be_kept_is_reported_once_for_each_file() -> None:
    vault = read(VAULT)

    assert {each.item: each.what for each in vault.losses.dropped} == {
        ".": "1 file that is not Markdown (.txt 1)",
        "README.md": "links that lead to no note here, kept as text: trip/lost.md, ../secrets.md",
        "bad-front-matter.md": (
            "front matter, kept as text: did not find expected ',' or ']', line 3"
        ),
    }
    assert len(vault.losses.dropped) == 3
    assert vault.losses.skipped == 0


def test_checkboxes_become_tasks_beside_their_note_if_wanted() -> None:
    plain, vault = read(VAULT), read(VAULT, checkboxes_as_tasks=True)
    tasks = {source: item for source, item in vault.items.items() if item.kind == "task"}

    assert [(item.title, item.state) for item in tasks.values()] == [
        ("Rope, 60 m", "open"),
        ("Stove", "done"),
        ("Gas for the stove", "done"),
        ("`lighter` and **matches**", "open"),
        ("Map", "open"),
        ("Compass", "done"),
        ("Ask Ada about the tent", "open"),
        ("Rope, 60 m", "open"),
        ("in the last item, so a box", "open"),
    ]
    sources = list(tasks)
    assert sources[0] == "trip/packing.md#Rope, 60 m"
    assert sources[7] == "trip/packing.md#Rope, 60 m#2"
    assert {item.fields["list"] for item in tasks.values()} == {"trip"}
    assert {item.body for item in tasks.values()} == {"From [Packing: what to take](packing.md)"}
    assert {source: item for source, item in vault.items.items() if item.kind == "note"} == (
        plain.items
    )


def test_a_checkbox_outside_of_folders_is_listed_under_its_note(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a [1].md": "# To *buy* [now]\n\n- [ ] rope\n"})

    task = read(tmp_path, checkboxes_as_tasks=True).items["a [1].md#rope"]

    assert task.fields == {"list": "To buy [now]"}
    assert task.body == "From [To buy \\[now\\]](a%20%5B1%5D.md)"


def test_long_checkbox_lines_stay_apart_and_are_cut_for_the_title(tmp_path: Path) -> None:
    line = "rope " * 1000
    folder_of(tmp_path, {"a.md": f"- [ ] {line}1\n- [ ] {line}2\n"})

    note, *tasks = read(tmp_path, checkboxes_as_tasks=True).items.values()

    assert len(tasks) == 2
    assert {len(task.title) for task in tasks} == {TITLE_CHARS_MAX}
    assert line in note.body


def test_line_ends_and_byte_order_marks_make_no_difference(tmp_path: Path) -> None:
    unix = "---\ntitle: Hut\ntags: [a]\n---\n\n# Head\n\n- [ ] box\n"
    one, two, three = (
        folder_of(tmp_path / name, {"a.md": raw})
        for name, raw in {
            "unix": unix.encode(),
            "windows": b"\xef\xbb\xbf" + unix.replace("\n", "\r\n").encode(),
            "mac": unix.replace("\n", "\r").encode(),
        }.items()
    )

    readings = [read(folder, checkboxes_as_tasks=True) for folder in (one, two, three)]

    assert readings[0].items == readings[1].items == readings[2].items
    assert readings[0].items["a.md"].body == "# Head\n\n- [ ] box\n"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "it is no text"),
        ("# H\u00fctte".encode("utf-16"), "it is UTF-16 text"),
        ("# H\u00fctte".encode("latin-1"), "it is no UTF-8 text"),
        (b"cut in a character \xf0\x9f\x8f", "it is no UTF-8 text"),
        (b"a" * (TEXT_CHARS_MAX + 1), "it has 2,000,001 characters"),
        (b"a" * (4 * TEXT_CHARS_MAX + 4), "it is larger than"),
    ],
    ids=["picture", "utf-16", "latin-1", "cut", "long", "huge"],
)
def test_a_file_that_is_no_note_is_skipped_with_the_reason(
    tmp_path: Path, raw: bytes, why: str
) -> None:
    folder_of(tmp_path, {"a.md": raw, "b.md": "kept"})

    reading = read(tmp_path)

    assert list(reading.items) == ["b.md"]
    assert reading.losses.skipped == 1
    assert reading.lost("a.md")[0].startswith(why)


def test_the_longest_text_that_an_item_can_have_is_read_whole(tmp_path: Path) -> None:
    text = "🏔 above\n" * (TEXT_CHARS_MAX // 8)
    folder_of(tmp_path, {"a.md": text})

    assert read(tmp_path).items["a.md"].body == text


def test_a_file_that_went_away_or_may_not_be_read_is_skipped(tmp_path: Path) -> None:
    folder_of(tmp_path, {"gone.md": "", "locked.md": "", "b.md": "kept"})
    losses = Losses()
    reader = MarkdownReader(tmp_path, losses, Target(no_item, lambda place: ""))
    (tmp_path / "gone.md").unlink()
    (tmp_path / "locked.md").chmod(0)

    sources = [item.source for item in reader.items()]

    may_read_all = os.access(tmp_path / "locked.md", os.R_OK)  # root may
    assert sources == (["b.md", "locked.md"] if may_read_all else ["b.md"])
    assert losses.dropped[0].what == "it can't be read (No such file or directory)"


def no_item(doc: object) -> None:
    """Find nothing."""


def test_tags_beyond_the_limits_are_reported_and_strange_ones_stay_as_they_are(
    tmp_path: Path,
) -> None:
    tags = ["#ok", "x" * 101, *(f"t{n:03}" for n in range(TAGS_MAX + 1))]
    listed = "".join(f'- "{tag}"\n' for tag in tags)
    folder_of(tmp_path, {"a.md": f"---\ntags:\n{listed}- {{a: b}}\n---\n"})

    reading = read(tmp_path)

    assert len(reading.items["a.md"].tags) == TAGS_MAX
    assert reading.items["a.md"].tags[0] == "ok"
    assert len(reading.lost("a.md")) == 2
    assert "- {a: b}\n" in reading.items["a.md"].body


@pytest.mark.parametrize(
    ("front", "title"),
    [
        ("title: No", "No"),
        ("title: 3.10", "3.10"),
        ("title: >\n  two\n  lines", "two lines"),
        ("title:", "Head"),
        ("title: [a, b]", "Head"),
        (f"title: {'x' * 3000}", "x" * (TITLE_CHARS_MAX - 1) + "…"),
    ],
)
def test_any_title_is_taken_as_one_line_of_text(tmp_path: Path, front: str, title: str) -> None:
    folder_of(tmp_path, {"a.md": f"---\n{front}\n---\n# Head\n"})

    assert read(tmp_path).items["a.md"].title == title


def test_a_pinned_note_stays_pinned(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a.md": "---\npinned: true\n---\n", "b.md": "---\npinned: nails\n---\n"})

    reading = read(tmp_path)

    assert reading.items["a.md"].fields == {"pinned": True}
    assert reading.items["b.md"].body == "---\npinned: nails\n---\n"


def test_the_content_hash_follows_what_the_item_holds_and_nothing_else(tmp_path: Path) -> None:
    texts = {
        "same": "---\ntitle: A\ntags: [x, y]\n---\n\nText\n",
        "spelled otherwise": "---\ntags: y, x, x\ntitle: 'A'\ndate:\n---\nText\n",
        "other text": "---\ntitle: A\ntags: [x, y]\n---\n\nText!\n",
        "other tags": "---\ntitle: A\ntags: [x]\n---\n\nText\n",
        "other title": "---\ntitle: B\ntags: [x, y]\n---\n\nText\n",
        "other date": "---\ntitle: A\ntags: [x, y]\ndate: 2026-01-01\n---\n\nText\n",
        "pinned": "---\ntitle: A\ntags: [x, y]\npinned: true\n---\n\nText\n",
    }

    hashes = {
        name: read(folder_of(tmp_path / name, {"a.md": text})).items["a.md"].content_hash
        for name, text in texts.items()
    }

    assert hashes["same"] == hashes["spelled otherwise"]
    assert len(set(hashes.values())) == len(texts) - 1
    assert {len(each) for each in hashes.values()} == {32}


def test_the_content_hash_does_not_change_between_versions_of_cairn(tmp_path: Path) -> None:
    folder_of(tmp_path, {"trip/a.md": "---\ntags: [x]\ndate: 2026-01-01\n---\n# Hut\n\n🏔\n"})

    item = read(tmp_path).items["trip/a.md"]

    assert item.content_hash.hex() == (
        "01c8df9eb411ad4622fad5bdadc9aae7e5b11b5c31cd1119f55e3bd07713fd0a"
    )


def test_what_a_note_links_to_does_not_change_what_it_is(tmp_path: Path) -> None:
    note = "[there](b.md) and [[b]]\n"
    alone = read(folder_of(tmp_path / "alone", {"a.md": note}))
    together = read(folder_of(tmp_path / "together", {"a.md": note, "b.md": "here"}))

    assert alone.items["a.md"] == together.items["a.md"]
    assert alone.lost("a.md") != []
    assert together.lost("a.md") == []


def test_a_thousand_notes_are_read_in_a_fraction_of_the_time_they_may_take(tmp_path: Path) -> None:
    words = "the hut above the valley has a `stove` and [water](note-1.md) from the roof " * 10
    folder_of(
        tmp_path,
        {
            f"f{n % 20}/note-{n}.md": f"---\ntitle: N{n}\ntags: [a]\n---\n\n{words}"
            for n in range(1000)
        },
    )
    begun = time.perf_counter()

    reading = read(tmp_path)

    assert len(reading.items) == 1000
    assert time.perf_counter() - begun < 2.5  # 0.3 s on a quiet machine
