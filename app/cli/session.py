"""One invocation of the command line: its home, its answer, its clock.

A command computes first and answers last, so that standard output carries one whole JSON value or
nothing. The replica is opened when a command first asks for it, which is what makes a new home.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.json_shapes import encode
from app.local_time import local_now
from app.locations import home_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from store.domain.ids import DocId
    from store.replica import Replica


@dataclass(slots=True)
class Session:
    """What the global options said, and what one invocation opens.

    Attributes:
        home_given: `--home` as typed, if it was.
        as_json: whether standard output carries JSON.
        space: the space that `--space` named, by name or id, if it did.
    """

    home_given: str | None = None
    as_json: bool = False
    space: str | None = None
    now: datetime = field(default_factory=local_now)
    _replica: Replica | None = None

    @property
    def home(self) -> Path:
        """The replica's folder."""
        return home_folder(self.home_given)

    @property
    def replica(self) -> Replica:
        """The replica, opened at first use."""
        if self._replica is None:
            from app.cli.opening import open_replica

            self._replica = open_replica(self.home)
        return self._replica

    def item(self, prefix: str) -> DocId:
        """Find the task or note whose id begins so.

        Raises:
            NotFound: none does.
            Ambiguous: several do.
        """
        return self.replica.find(prefix)

    def answer(self, value: object, text: str | Callable[[], str]) -> None:
        """Write the command's one answer.

        Args:
            value: what `--json` gives; anything that `json` can write.
            text: what a person reads, or how to make it (called only if it is wanted).
        """
        if self.as_json:
            text = encode(value)
        written = text if isinstance(text, str) else text()
        if written:
            sys.stdout.write(written if written.endswith("\n") else written + "\n")

    def close(self) -> None:
        """Close what was opened."""
        if self._replica is not None:
            self._replica.close()
            self._replica = None
