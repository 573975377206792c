"""CONTRIBUTING.md names files and tests; it may not name what is gone."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"`([^`\n]+)`", TEXT)


def test_every_file_and_folder_that_it_names_is_there() -> None:
    named = [quoted for quoted in QUOTED if "/" in quoted]

    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_test_that_it_names_is_one() -> None:
    files = (ROOT / "tests").rglob("*.py")
    defined = {
        name
        for file in files
        if "node_modules" not in file.parts
        for name in re.findall(r"^ *(?:async )?def (test_\w+)", file.read_text("utf-8"), re.M)
    }
    named = [quoted for quoted in QUOTED if quoted.startswith("test_")]

    assert len(named) > 10
    assert [name for name in named if name not in defined] == []
