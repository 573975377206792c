"""The page about limits says what the program does."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from store.domain import limits as protocol_limits
from store.ledger import outbox
from store.members.reading import STATEMENTS_MAX
from sync.peer.discovery import FOUND_MAX
from sync.peer.pairings import OPEN_MAX, TRIES_MAX
from sync.protocol.pairing import PAIRING_S
from sync.server import limits as server_limits

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "s": 1, "": 1}


def documented(heading: str) -> dict[str, float]:
    """The constants under a heading, with their values."""
    return values(PAGE.read_text(encoding="utf-8").split(f"## {heading}")[1].split("\n## ")[0])


def values(section: str) -> dict[str, float]:
    """The constants of a table, with their values."""
    found = re.findall(r"^\| `(\w+)` \| ([\d,.]+) ?(\w*) \| .+ \|$", section, re.MULTILINE)
    return {name: float(number.replace(",", "")) * UNITS[unit] for name, number, unit in found}


@pytest.mark.parametrize(
    ("heading", "module"), [("Of the protocol", protocol_limits), ("Of a server", server_limits)]
)
def test_every_limit_is_on_the_page_with_its_value(heading: str, module: ModuleType) -> None:
    limits = {name: value for name, value in vars(module).items() if name.isupper()}

    assert documented(heading) == limits


def test_the_limit_of_the_outbox_is_on_its_page() -> None:
    assert documented("Of a device's outbox") == {"WAITING_MAX": outbox.WAITING_MAX}


def test_the_limits_of_devices_that_serve_are_on_their_page() -> None:
    text = (PAGE.parent / "peers.md").read_text(encoding="utf-8")

    assert values(text) == {
        "PAIRING_S": PAIRING_S,
        "TRIES_MAX": TRIES_MAX,
        "OPEN_MAX": OPEN_MAX,
        "STATEMENTS_MAX": STATEMENTS_MAX,
        "FOUND_MAX": FOUND_MAX,
    }
