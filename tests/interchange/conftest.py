"""Replicas to import into and to export from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.replica import Replica


@pytest.fixture
def alice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    with Replica.open(tmp_path_factory.mktemp("alice")) as replica:
        yield replica


@pytest.fixture
def bob(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    with Replica.open(tmp_path_factory.mktemp("bob")) as replica:
        yield replica


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """Give an empty folder to write files into."""
    folder = tmp_path / "vault"
    folder.mkdir()
    return folder
