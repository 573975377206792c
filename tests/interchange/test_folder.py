"""Which files of a folder an import reads."""

import os
import unicodedata
from pathlib import Path

import pytest

from store.interchange.errors import ImportRefused
from store.interchange.folder import find_markdown, key_of
from store.interchange.report import Losses
from tests.interchange.reading import folder_of


def found(path: Path) -> tuple[list[str], dict[str, str]]:
    losses = Losses()
    keys = [file.key for file in find_markdown(path, losses)]
    return keys, {each.item: each.what for each in losses.dropped}


def test_markdown_is_found_at_any_depth_whatever_the_case_of_its_ending(tmp_path: Path) -> None:
    folder_of(tmp_path, {"b.MD": "", "a/deep/er/c.Markdown": "", "a/b.md": "", "x.md/y.md": ""})

    assert found(tmp_path) == (["a/b.md", "a/deep/er/c.Markdown", "b.MD", "x.md/y.md"], {})


def test_hidden_folders_are_left_out_and_hidden_notes_are_reported(tmp_path: Path) -> None:
    folder_of(
        tmp_path, {".git/a.md": "", ".hidden.md": "", "._b.md": "", ".DS_Store": "", "b.md": ""}
    )

    keys, lost = found(tmp_path)

    assert keys == ["b.md"]
    assert list(lost) == [".hidden.md"]


def test_other_files_are_reported_in_one_entry(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a.md": "", "b.png": "", "c/d.PNG": "", "e": ""})

    assert found(tmp_path)[1] == {".": "3 files that are not Markdown (.png 2, no ending 1)"}


def test_the_same_name_in_two_spellings_is_two_files(tmp_path: Path) -> None:
    folder_of(tmp_path, {"caf\u00e9.md": "", "cafe\u0301.md": ""})
    files = len(list(tmp_path.iterdir()))  # some systems hold the two to be one

    keys, _ = found(tmp_path)

    assert len(set(keys)) == files
    assert "caf\u00e9.md" in keys


@pytest.mark.parametrize("name", ["🏔 hütte.md", "-rf.md", "a b  c.md", "a#b?.md", "é" * 80 + ".md"])
def test_any_name_is_found_and_written_composed(tmp_path: Path, name: str) -> None:
    folder_of(tmp_path, {unicodedata.normalize("NFD", name): ""})

    assert found(tmp_path) == ([unicodedata.normalize("NFC", name)], {})


def test_a_name_that_is_no_utf_8_gets_a_readable_key() -> None:
    assert key_of(os.fsdecode(b"trip/caf\xe9.md")) == "trip/caf\\xe9.md"


def test_links_out_of_the_folder_are_reported_and_not_followed(tmp_path: Path) -> None:
    folder_of(tmp_path, {"vault/a.md": "", "vault/sub/b.md": "", "outside/c.md": ""})
    (tmp_path / "vault" / "file.md").symlink_to(tmp_path / "outside" / "c.md")
    (tmp_path / "vault" / "folder").symlink_to(tmp_path / "outside")

    keys, lost = found(tmp_path / "vault")

    assert keys == ["a.md", "sub/b.md"]
    assert sorted(lost) == ["file.md", "folder"]


def test_links_inside_the_folder_add_nothing_even_in_a_loop(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a.md": "", "sub/b.md": ""})
    (tmp_path / "again.md").symlink_to("a.md")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "itself").symlink_to("itself")

    assert found(tmp_path) == (["a.md", "sub/b.md"], {})


def test_a_link_that_leads_nowhere_is_reported(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a.md": ""})
    (tmp_path / "gone.md").symlink_to("nowhere.md")

    assert found(tmp_path)[1] == {"gone.md": "a link that leads nowhere"}


def test_what_is_no_ordinary_file_is_reported_and_never_opened(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a.md": ""})
    os.mkfifo(tmp_path / "pipe.md")  # opening it would wait for ever

    assert found(tmp_path) == (["a.md"], {"pipe.md": "it is no ordinary file"})


def test_one_file_may_be_named(tmp_path: Path) -> None:
    folder_of(tmp_path, {"trip/a.md": "", "trip/b.md": ""})

    assert found(tmp_path / "trip" / "a.md") == (["a.md"], {})


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nothing", "There is nothing at"),
        ("empty", "There are no Markdown files"),
        ("photos", "There are no Markdown files"),
        ("photos/a.png", "is no Markdown"),
        ("pipe.md", "is no Markdown"),
    ],
)
def test_a_path_without_markdown_is_refused_in_one_sentence(
    tmp_path: Path, name: str, why: str
) -> None:
    folder_of(tmp_path, {"photos/a.png": ""})
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.md")

    with pytest.raises(ImportRefused, match=why) as refusal:
        found(tmp_path / name)

    assert "\n" not in str(refusal.value)
