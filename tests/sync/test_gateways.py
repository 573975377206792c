"""What stands between a device and its server may ask to wait, in the words of HTTP."""

import pytest

from sync.errors import Unreachable
from sync.protocol.messages import Hello
from sync.protocol.problems import RETRY_AFTER_S_MAX
from sync.protocol.wire import WireResponse, read_response

NOON = "Wed, 21 Oct 2015 12:00:00 GMT"


def wait_s(status: int, **headers: str) -> float | None:
    """What a device makes of a page that some gateway answers with."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    page = WireResponse(status, {"content-type": "text/html", **named}, b"<h1>Sorry</h1>")
    with pytest.raises(Unreachable) as refused:
        read_response(page, Hello)
    return refused.value.retry_after_s


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_gateway_that_asks_to_wait_is_given_the_time(status: int) -> None:
    assert wait_s(status, retry_after="7") == 7


def test_a_date_is_read_against_that_of_the_same_answer_whatever_our_clock_says() -> None:
    assert wait_s(503, date=NOON, retry_after="Wed, 21 Oct 2015 12:00:30 GMT") == 30
    assert wait_s(503, date=NOON, retry_after="Wed, 21 Oct 2015 11:00:00 GMT") == 0
    assert wait_s(503, retry_after="Wed, 21 Oct 2015 12:00:30 GMT") is None


def test_nobody_is_sent_away_for_longer_than_an_hour() -> None:
    assert wait_s(503, retry_after="99999999999999999999") == RETRY_AFTER_S_MAX


NO_TIME = [
    *("", "soon", "-5", "1e9", "7 s", "Wed, 99 Oct 2015 12:00:00 GMT"),
    f"Wed, 21 Oct {10**20} 12:00:00 GMT",
    f"Wed, 21 Oct 2015 {10**20}:00:00 GMT",
    f"Wed, 21 Oct 2015 12:00:00 +{10**20}",
]


@pytest.mark.parametrize("said", NO_TIME)
def test_what_is_no_time_is_our_own_policy(said: str) -> None:
    assert wait_s(503, date=NOON, retry_after=said) is None
    assert wait_s(503, date=said, retry_after=NOON) is None


@pytest.mark.parametrize("status", [200, 302, 403, 404])
def test_a_login_page_does_not_send_anybody_away(status: int) -> None:
    assert wait_s(status, retry_after="7") is None
