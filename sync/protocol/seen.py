"""What a device tells a server's operator with its probe: only what the server can't see itself.

Numbers and words of this program; a device is one of many, and names nothing and nobody (ADR 22).
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

COUNT_MAX: Final = 1_000_000  # of anything between two probes
LABELS_MAX: Final = 24
ROUNDS_CHARS_MAX: Final = 4_000

Few = Annotated[int, Meta(ge=0, le=COUNT_MAX)]
Label = Annotated[str, Meta(pattern=r"^[a-z0-9_.-]{1,32}$")]


class Seen(Struct, frozen=True):
    """What a device has seen since it last said so.

    Attributes:
        changes: taken into its log, own ones once the server has them.
        conflicts: that opened there, by kind of document, kind and field (`task.field.title`).
        reads, stale_reads: readings that it judged, and those that were stale.
        operations, retried: rounds that were due, and those that took more than one try.
        repairs: changes that comparing heads moved.
        rounds: how long rounds took that ended well: `store.domain.measures.sketch` as text.
    """

    changes: Few = 0
    conflicts: Annotated[dict[Label, Few], Meta(max_length=LABELS_MAX)] = {}
    reads: Few = 0
    stale_reads: Few = 0
    operations: Few = 0
    retried: Few = 0
    repairs: Few = 0
    rounds: Annotated[str, Meta(max_length=ROUNDS_CHARS_MAX)] = ""
