"""Where an item is, as a person reads it."""

import pytest

from app.receipt_words import confirmed_words
from store.rows import Confirmed, Holder


def device(person: str, name: str, *, has_latest: bool = True) -> Holder:
    return Holder(f"r{person}{name}", person, name, has_latest, 0)


KIT, ANA = device("Kit", "phone"), device("Ana", "tablet", has_latest=False)


@pytest.mark.parametrize(
    ("on_server", "devices", "words"),
    [
        (None, (), "On this device; no other is known to have it."),
        (False, (), "On this device; no other has confirmed it yet."),
        (False, (ANA,), "On this device; no other has confirmed it yet."),
        (True, (), "On the server."),
        (True, (KIT,), "On the server, on Kit's phone."),
        (True, (KIT, ANA), "On the server, on Kit's phone. Not yet on Ana's tablet."),
        (None, (device("", "https://10.0.0.7:8100"),), "On https://10.0.0.7:8100."),
        (None, (device("Kit", ""),), "On Kit's device."),
        (None, (device("Bea", "Beas laptop"),), "On Beas laptop."),
        (None, (device("Bea", "bea's tablet"),), "On bea's tablet."),
        (None, (ANA,), "On this device; no other has confirmed it yet."),
    ],
)
def test_where_an_item_is(on_server: bool | None, devices: tuple[Holder, ...], words: str) -> None:
    assert confirmed_words(Confirmed(on_server, None, devices)) == words


def test_many_devices_are_counted() -> None:
    many = tuple(device("Kit", f"phone {number}") for number in range(6))

    said = confirmed_words(Confirmed(True, None, many))

    assert said.endswith("on Kit's phone 3, on 2 other devices.")
