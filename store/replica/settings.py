"""What a person set up on this device: names, the current space, and whatever the app keeps."""

from collections.abc import Mapping
from typing import Any

from store.commands import settings
from store.commands.undoing import record_act
from store.database.meta import read_meta, write_meta
from store.domain.fields import validated_name
from store.replica.core import Identity, ReplicaCore


class Settings(ReplicaCore):
    """The settings of a home; each change is one act, which `undo` takes back."""

    def set_identity(self, person: str | None = None, device: str | None = None) -> Identity:
        """Change the names that new changes carry; raises InvalidValue."""
        names = {"person": person, "device": device}
        checked = {k: validated_name(k, v) for k, v in names.items() if v is not None}
        with self.act() as act:
            steps = [
                step
                for key, name in checked.items()
                for step in settings.change_setting(act, key, name, topic="identity")
            ]
            record_act(act, "name", steps)
        return self.identity

    def use_space(self, name: str) -> None:
        """Make a space the one that new items go to."""
        with self.act() as act:
            record_act(act, "use-space", settings.use_space(act, name))

    def setting(self, key: str) -> str | None:
        """What is kept under a key; None if it was never set."""
        with self.db.read() as conn:
            return read_meta(conn, key)

    def fields(self, key: str) -> dict[str, Any]:
        """The object that is kept under a key; empty if it was never set."""
        return settings.read_fields(self.setting(key))

    def change_setting(self, key: str, value: str | None, *, label: str) -> None:
        """Set a text by a key; `label` names the act."""
        with self.act() as act:
            record_act(act, label, settings.change_setting(act, key, value))

    def change_fields(self, key: str, fields: Mapping[str, Any], *, label: str) -> None:
        """Set some fields of an object by its key; None lets the usual value be in force."""
        with self.act() as act:
            record_act(act, label, settings.change_fields(act, key, fields))

    def remember(self, key: str, value: str) -> str | None:
        """Keep what the program notes for itself, which is no act of a person.

        Returns:
            What was kept before.
        """
        with self._lock, self.db.write() as conn:
            before = read_meta(conn, key)
            write_meta(conn, key, value)
        return before
