"""Ids say what they name, and each has one spelling."""

import base64
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain import ids
from store.domain.errors import InvalidValue

ENTROPY = bytes(range(16))


@given(kind=st.sampled_from(get_args(ids.Kind)), entropy=st.binary(min_size=16, max_size=16))
def test_a_document_id_gives_back_what_it_was_made_of(kind: str, entropy: bytes) -> None:
    doc = ids.new_doc_id(kind, entropy)

    assert len(doc) == 28
    assert ids.parse_doc_id(doc) == doc
    assert (ids.kind_of(doc), doc[1]) == (kind, "1")
    assert base64.b32decode(doc[2:].upper() + "======") == entropy


def test_the_spelling_of_ids_does_not_change() -> None:
    assert ids.new_doc_id("task", ENTROPY) == "t1aaaqeayeaudaocajbifqydiob4"
    assert ids.new_doc_id("note", ENTROPY) == "n1aaaqeayeaudaocajbifqydiob4"
    assert ids.new_space_id(ENTROPY) == "saaaqeayeaudaocajbifqydiob4"
    assert ids.new_replica_id(ENTROPY) == "raaaqeayeaudaocajbifqydiob4"
    assert ids.new_event_id(ENTROPY) == "eaaaqeayeaudaocajbifqydiob4"
    assert ids.conflict_id(ENTROPY + b"the rest of a hash") == "caaaqeayeaudaocajbifqydiob4"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("t1aaaq", "shortened"),
        ("t1aaaqeayeaudaocajbifqydiob44", "too long"),
        ("x1aaaqeayeaudaocajbifqydiob4", "no such kind"),
        ("t2aaaqeayeaudaocajbifqydiob4", "a schema version of the future"),
        ("T1AAAQEAYEAUDAOCAJBIFQYDIOB4", "upper case"),
        ("t1aaaqeayeaudaocajbifqydiob5", "unused bits that are not zero"),
        ("t1aaaqeayeaudaocajbifqydiob4\n", "a line break behind it"),
        ("t1aaaqeayeaudaocajbifqydio\u0431\u0434", "letters of another script"),
    ],
)
def test_what_is_not_a_whole_document_id_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidValue, match="is not the id of a task or note"):
        ids.parse_doc_id(text)


def test_an_id_of_one_sort_is_not_one_of_another() -> None:
    space = ids.new_space_id(ENTROPY)

    assert ids.parse_space_id(space) == space
    for parse in (ids.parse_replica_id, ids.parse_conflict_id):
        with pytest.raises(InvalidValue, match="copy it whole"):
            parse(space)


def test_ids_are_made_of_sixteen_bytes_and_a_known_kind() -> None:
    with pytest.raises(InvalidValue, match="16 bytes, not 4"):
        ids.new_space_id(b"four")
    with pytest.raises(InvalidValue, match="use task or note"):
        ids.new_doc_id("list", ENTROPY)
