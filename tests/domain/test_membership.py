"""Who belongs to a space is a function of what was said, whatever the order it came in."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.membership import ROLES, Role, Statement, fold, may_be_kept

ROOT = b"root"


def said(
    about: str,
    role: Role = "editor",
    version: int = 1,
    *,
    by: bytes = ROOT,
    out: bool = False,
) -> Statement:
    name = f"{about}/{role}/{version}/{by!r}/{out}"
    return Statement(about.encode(), about, about, about, role, out, version, 0, by, name.encode())


def roles(*statements: Statement) -> dict[str, str]:
    """What each device may do; nothing for those that are out."""
    members = fold(ROOT, statements).members
    return {one.replica: one.role for one in members.values() if not one.is_revoked}


def test_what_the_root_says_last_counts() -> None:
    assert roles(said("ann", "viewer"), said("ann", "editor", 2)) == {"ann": "editor"}
    assert roles(said("ann", "editor", 2), said("ann", "viewer")) == {"ann": "editor"}
    assert roles(said("ann"), said("ann", version=2, out=True)) == {}


def test_an_owner_lets_in_and_shuts_out_and_nobody_else_does() -> None:
    ann, ben = said("ann", "owner"), said("ben", "editor")
    by_ann = said("cid", by=b"ann")
    by_ben = said("dan", by=b"ben")

    assert roles(ann, ben, by_ann, by_ben) == {"ann": "owner", "ben": "editor", "cid": "editor"}
    assert roles(ann, ben, said("ben", version=2, by=b"ann", out=True)) == {"ann": "owner"}


def test_an_owner_made_by_an_owner_signs_for_nobody() -> None:
    chain = (said("ann", "owner"), said("ben", "owner", by=b"ann"), said("cid", by=b"ben"))

    assert roles(*chain) == {"ann": "owner", "ben": "owner"}
    assert fold(ROOT, chain).signers == {ROOT, b"ann"}


def test_whom_an_owner_let_in_goes_with_it_until_somebody_lets_them_in_anew() -> None:
    before = (said("ann", "owner"), said("cid", by=b"ann"))
    out = said("ann", "owner", 2, out=True)

    assert roles(*before, out) == {}
    assert roles(*before, out, said("cid")) == {"cid": "editor"}


def test_two_owners_who_shut_each_other_out_are_both_out() -> None:
    both = (said("ann", "owner"), said("ben", "owner"))
    ends = (
        said("ben", "owner", 2, by=b"ann", out=True),
        said("ann", "owner", 2, by=b"ben", out=True),
    )

    assert roles(*both, *ends) == {}


def test_of_two_apart_the_one_that_gives_less_counts() -> None:
    owners = (said("ann", "owner"), said("ben", "owner"))
    more, less = said("cid", "editor", by=b"ann"), said("cid", "viewer", by=b"ben")

    assert roles(*owners, more, less)["cid"] == "viewer"
    assert "cid" not in roles(*owners, more, replace(less, is_revoked=True))


def test_what_a_former_owner_signed_is_kept_so_that_all_keep_the_same() -> None:
    owner, out = said("ann", "owner"), said("ann", "owner", 2, out=True)

    assert may_be_kept(ROOT, [owner, out], b"ann")
    assert may_be_kept(ROOT, [], ROOT)
    assert not may_be_kept(ROOT, [said("ben", "editor")], b"ben")
    assert not may_be_kept(ROOT, [said("ben", "owner", by=b"ann")], b"ben")


_names = st.sampled_from(["ann", "ben", "cid"])
_statements = st.builds(
    said,
    _names,
    st.sampled_from(ROLES),
    st.integers(1, 3),
    by=st.sampled_from([ROOT, b"ann", b"ben", b"cid"]),
    out=st.booleans(),
)


@given(st.lists(_statements, max_size=6), st.randoms(use_true_random=False))
def test_any_order_with_repeats_comes_to_the_same(statements: list[Statement], rng: object) -> None:
    mixed = list(itertools.chain(statements, statements[:2]))
    rng.shuffle(mixed)  # type: ignore[attr-defined]

    assert fold(ROOT, mixed) == fold(ROOT, statements)


@pytest.mark.parametrize("role", ROLES)
def test_the_signers_are_the_root_and_who_it_made_owners(role: Role) -> None:
    signers = fold(ROOT, [said("ann", role)]).signers

    assert signers == ({ROOT, b"ann"} if role == "owner" else {ROOT})
