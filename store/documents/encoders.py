"""Write columns run by run, without a step per row: a pasted text is a handful of runs.

They make the same bytes as Automerge's own encoders, so that a change written here hashes as if it
had made it. The formats are drawn in `codec`.
"""

from store.documents.codec import write_leb128, write_sleb128


class RunEncoder:
    """Writes a run-length column. Values come encoded already; None is null."""

    __slots__ = ("_has_value", "_literal", "_literal_rows", "_out", "_rows", "_value")

    def __init__(self) -> None:
        self._out = bytearray()
        self._literal = bytearray()  # values that differ from their neighbours, not yet written
        self._literal_rows = 0
        self._value: bytes | None = None  # the run that may still grow
        self._rows = 0
        self._has_value = False

    def append(self, value: bytes | None, rows: int = 1) -> None:
        """Add a value, `rows` times."""
        if rows <= 0:
            return
        if self._rows and value == self._value:
            self._rows += rows
            return
        self._end_run()
        self._value, self._rows = value, rows
        if value is not None:
            self._has_value = True

    def append_distinct(self, values: bytes) -> None:
        """Add one-byte values of which no two neighbours are equal, in one go."""
        self.append(values[:1])
        if len(values) > 1:
            self._end_run()
            self._literal += values[1:-1]
            self._literal_rows += len(values) - 2
            self._value, self._rows = values[-1:], 1

    def finish(self) -> bytes:
        """Give the column; empty if it has no value at all."""
        if not self._has_value:
            return b""
        self._end_run()
        self._end_literal()
        return bytes(self._out)

    def _end_run(self) -> None:
        if self._value is None:
            if self._rows:
                self._end_literal()
                self._out += b"\x00" + write_leb128(self._rows)
        elif self._rows == 1:
            self._literal += self._value
            self._literal_rows += 1
        else:
            self._end_literal()
            self._out += write_sleb128(self._rows) + self._value
        self._value, self._rows = None, 0

    def _end_literal(self) -> None:
        if self._literal_rows:
            self._out += write_sleb128(-self._literal_rows) + self._literal
            self._literal.clear()
            self._literal_rows = 0


class DeltaEncoder:
    """Writes a delta column of numbers or None."""

    __slots__ = ("_last", "_runs")

    def __init__(self) -> None:
        self._runs = RunEncoder()
        self._last = 0

    def append(self, number: int) -> None:
        """Add a number."""
        self._runs.append(write_sleb128(number - self._last))
        self._last = number

    def append_null(self, rows: int = 1) -> None:
        """Add nulls."""
        self._runs.append(None, rows)

    def append_count(self, first: int, rows: int) -> None:
        """Add `rows` numbers which count up from `first`."""
        if rows > 0:
            self.append(first)
            self._runs.append(b"\x01", rows - 1)
            self._last = first + rows - 1

    def finish(self) -> bytes:
        """Give the column; empty if it has no number at all."""
        return self._runs.finish()


class BooleanEncoder:
    """Writes a boolean column."""

    __slots__ = ("_out", "_rows", "_value")

    def __init__(self) -> None:
        self._out = bytearray()
        self._value = False
        self._rows = 0

    def append(self, value: bool, rows: int = 1) -> None:
        """Add a value, `rows` times."""
        if rows <= 0:
            return
        if value != self._value:
            self._out += write_leb128(self._rows)
            self._value, self._rows = value, 0
        self._rows += rows

    def finish(self) -> bytes:
        """Give the column; empty if it has no rows."""
        return bytes(self._out) + write_leb128(self._rows) if self._out or self._rows else b""
