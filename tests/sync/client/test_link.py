"""Invite links and server addresses, as people paste them."""

import pytest

from store.domain.errors import InvalidValue
from store.domain.ids import new_space_id
from sync.client.link import InviteLink, build_link, is_loopback, parse_link, server_url

SPACE = new_space_id(b"a space 16 bytes")


@pytest.mark.parametrize(
    "link",
    [
        InviteLink("https://cairn.example.org", SPACE, "aB-_9", "Hut"),
        InviteLink("https://cairn.example.org:8443/camp", SPACE, "x" * 43, "Küche & Öl? #1"),
        InviteLink("http://127.0.0.1:8100", SPACE, "x", ""),
        InviteLink("http://[::1]:8100", SPACE, "x", "三角"),
        InviteLink("https://cairn.example.org", SPACE, "x", "Hut", bytes(range(220, 252))),
    ],
)
def test_a_link_reads_back_as_what_it_was_built_from(link: InviteLink) -> None:
    assert parse_link(build_link(link)) == link


def test_white_space_around_a_pasted_link_does_not_matter() -> None:
    link = InviteLink("https://cairn.example.org", SPACE, "secret")

    assert parse_link(f"\n  {build_link(link)} \t\n") == link


def test_the_secret_is_not_in_what_a_log_would_show() -> None:
    assert "hush" not in repr(InviteLink("https://a.example", SPACE, "hush", "Hut"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "begins with cairn://join"),
        ("https://cairn.example.org/join", "begins with cairn://join"),
        ("cairn://leave?server=x", "begins with cairn://join"),
        ("cairn://join", "is not the id|lacks its space"),
        (f"cairn://join?space={SPACE}&server=https://a.example", "lacks its secret"),
        (f"cairn://join?space={SPACE}&secret=x", "lacks its server"),
        ("cairn://join?space=s123&secret=x&server=https://a.example", "is not the id of a space"),
        (f"cairn://join?space={SPACE}&secret=x&secret=y&server=https://a.example", "secret"),
        (f"cairn://join?space={SPACE}&secret={'x' * 300}&server=https://a.example", "damaged"),
        (f"cairn://join?space={SPACE}&secret=%C3%A4&server=https://a.example", "damaged"),
        (f"cairn://join?space={SPACE}&secret=x&server=http://192.168.1.9", "use https"),
        (f"cairn://join?space={SPACE}&secret=x&server=https://a.example&ledger=AAAA", "key is"),
        (f"cairn://join?space={SPACE}&secret=x&server=https://a.example&ledger=*", "key is"),
        ("cairn://join?" + "x" * 5_000, "too long"),
        ("cairn://join? server", "holds spaces"),
        ("cairn://[join", "can't be read"),
    ],
)
def test_what_is_no_link_is_refused_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(InvalidValue, match=says) as refused:
        parse_link(text)

    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://Cairn.Example.org/", "https://cairn.example.org"),
        (" HTTPS://cairn.example.org:443/a/ ", "https://cairn.example.org:443/a"),
        ("http://localhost:8100", "http://localhost:8100"),
        ("http://127.0.0.9:1", "http://127.0.0.9:1"),
        ("http://[::1]:8100/", "http://[::1]:8100"),
    ],
)
def test_an_address_is_kept_in_one_form(given: str, kept: str) -> None:
    assert server_url(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "cairn.example.org",
        "ftp://cairn.example.org",
        "https://",
        "https://name:word@cairn.example.org",
        "https://cairn.example.org/?a=1",
        "https://cairn.example.org/#a",
        "https://cairn.example.org:port",
        "http://cairn.example.org",
        "http://10.0.0.1:8100",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
    ],
)
def test_an_address_that_can_not_be_used_is_refused(given: str) -> None:
    with pytest.raises(InvalidValue):
        server_url(given)


def test_only_this_computer_is_loopback() -> None:
    assert is_loopback("localhost")
    assert is_loopback("127.1.2.3")
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("localhost.")
