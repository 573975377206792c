"""Noticing that the network came back, and that the machine slept."""

from dataclasses import dataclass

import pytest

from sync.client.surroundings import Surroundings, local_route


@dataclass
class Machine:
    """A machine as a test wants it."""

    seconds: float = 100.0
    wall_ms: float = 1_000_000.0
    way: tuple[str, ...] = ("10.0.0.2",)

    def surroundings(self) -> Surroundings:
        return Surroundings(lambda: self.seconds, lambda: self.wall_ms, lambda: self.way)

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds
        self.wall_ms += seconds * 1000


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_time_that_passes_is_no_news(machine: Machine) -> None:
    around = machine.surroundings()
    machine.pass_by(3_600)
    assert around.news() == ""


def test_a_network_is_news_once_when_it_comes_and_not_when_it_goes(machine: Machine) -> None:
    around = machine.surroundings()
    machine.way = ()
    assert around.news() == ""
    machine.way = ("10.0.0.2",)
    assert [around.news(), around.news()] == ["network", ""]
    machine.way = ("192.168.1.4",)
    assert around.news() == "network"


def test_a_machine_that_slept_is_news_once(machine: Machine) -> None:
    around = machine.surroundings()
    machine.wall_ms += 3_600_000
    assert [around.news(), around.news()] == ["awake", ""]


def test_a_clock_that_is_set_back_or_a_little_off_is_no_news(machine: Machine) -> None:
    around = machine.surroundings()
    machine.wall_ms += 5_000
    assert around.news() == ""
    machine.wall_ms -= 86_400_000
    assert around.news() == ""


def test_the_route_of_this_machine_is_the_same_twice() -> None:
    assert local_route() == local_route()
