"""What reading MessagePack or JSON raises where bytes are something else than they should be.

msgspec has exceptions of its own, but a text that isn't UTF-8 and nesting without an end come out
of it as Python's. Whoever reads what others wrote catches all three, or a device can be stopped by
one row.
"""

from typing import Final

import msgspec

UNDECODABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
