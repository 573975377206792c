"""A byte of a database's first page is another one: it works as before, or it says that it doesn't.

Never an empty list where there were items. What the first page holds is what SQLite finds all else
by: its header, and the list of tables.
"""

import shutil
from pathlib import Path

import pytest

from store.domain.ids import DocId
from store.errors import StoreError
from tests.store.damage import PAGE, database, furnished, items, opened, overwrite

HEADER_BYTES = 100


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of several pages, to be copied."""
    return furnished(tmp_path_factory.mktemp("sound") / "home")


@pytest.mark.parametrize("flip", [0x01, 0xFF])
def test_no_byte_of_the_header_makes_a_home_look_empty(
    flip: int, sound: Path, tmp_path: Path
) -> None:
    before = items(sound)
    content = database(sound).read_bytes()[:PAGE]
    refused = 0
    for at in range(HEADER_BYTES):
        home = shutil.copytree(sound, tmp_path / f"{at}")
        overwrite(database(home), at, bytes([content[at] ^ flip]))
        try:
            with opened(home) as replica:
                shown = {doc: replica.item(DocId(doc)) for doc in before}
                listed = len(replica.tasks()) + len(replica.notes())
        except StoreError:
            refused += 1
        else:
            assert shown == before, at
            assert listed, at
        shutil.rmtree(home)

    assert refused > 20


def test_no_page_that_is_gone_makes_a_home_look_empty(sound: Path, tmp_path: Path) -> None:
    """A page of the file is zeroes: items are as they were, or reading them says why not."""
    before = items(sound)
    pages = database(sound).stat().st_size // PAGE
    read = 0
    for page in range(0, pages, 3):
        home = shutil.copytree(sound, tmp_path / f"{page}")
        overwrite(database(home), page * PAGE, b"\x00" * PAGE)
        try:
            with opened(home) as replica:
                shown = {doc: replica.item(DocId(doc)) for doc in before}
                read += 1
                assert shown == before or replica.db.integrity_problems(), page
        except StoreError:
            pass  # it says so
        shutil.rmtree(home)
    assert read > pages // 6
