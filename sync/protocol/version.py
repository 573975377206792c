"""Which version of the protocol this program speaks. It is the first part of every path.

Adding an optional field, a route or a problem type keeps the version: both sides ignore fields they
don't know. Anything else is a new version, spoken beside this one for as long as devices need it.
"""

from typing import Final

PROTOCOL_VERSION: Final = 1
PREFIX: Final = f"/v{PROTOCOL_VERSION}"
