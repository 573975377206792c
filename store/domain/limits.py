"""Limits that all replicas share, part of the protocol: nothing saved here is unsendable.

The local writer enforces them before it saves, the server before it accepts; changing one is a
change of the protocol. Characters are Unicode code points, sizes are bytes.
"""

from typing import Final

# One change. The raw (inflated) bound stops a small body that inflates into all memory.
OPS_PER_CHANGE_MAX: Final = 50_000
CHANGE_BYTES_MAX: Final = 1 << 20  # as stored and sent
CHANGE_RAW_BYTES_MAX: Final = 8 << 20
DEPS_MAX: Final = 1_000  # heads that one change can follow

# One request. A long history costs its receiver the whole document for each part of it that comes
# in, so more is sent at once of one document than of many.
PUSH_ROWS_MAX: Final = 2_000
PUSH_ROWS: Final = 500
BODY_BYTES_MAX: Final = 4 << 20  # compressed
BODY_RAW_BYTES_MAX: Final = 16 << 20

# What a person types. Generous for people, small enough for one row on a screen or in an index.
TITLE_CHARS_MAX: Final = 2_000
NAME_CHARS_MAX: Final = 200  # lists, assignees, persons, devices, spaces
TAG_CHARS_MAX: Final = 100
TAGS_MAX: Final = 100  # on one item
TEXT_CHARS_MAX: Final = 2_000_000
REASON_CHARS_MAX: Final = 2_000  # why a task was blocked, cancelled ...
RULE_CHARS_MAX: Final = 500  # a recurrence rule
