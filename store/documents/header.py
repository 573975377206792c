"""Put author and time into the header of a change that Automerge made, before anybody else has it.

The binding can't set them (DECISIONS D1). They lie inside the hash: the change gets a new name, so
this must happen before it is applied to the kept document or stored.
"""

from store.documents.chunk import frame, read_header, unframe, write_time_and_message
from store.domain.limits import CHANGE_RAW_BYTES_MAX, DEPS_MAX
from store.domain.stamp import Stamp


def stamped(raw: bytes, stamp: Stamp) -> bytes:
    """Rewrite time and message of a change, and its checksum with them.

    Args:
        raw: one change, deflated or not, made on this device.
        stamp: who made it and when; the time is stored in seconds too, as Automerge has it.

    Returns:
        The change, deflated where that is smaller.

    Raises:
        Malformed: not a change.
    """
    body, _ = unframe(raw, body_bytes_max=CHANGE_RAW_BYTES_MAX)
    header = read_header(body, deps_max=DEPS_MAX)
    said = write_time_and_message(stamp.at_ms // 1000, stamp.message())
    return frame(body[: header.time_at] + said + body[header.others_at :])[0]
