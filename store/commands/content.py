"""The first content of a new document: what its first change writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from store.domain.fields import Scalar


@dataclass(frozen=True, slots=True)
class Content:
    """What a new document says.

    Attributes:
        fields: scalars at the root, cleared ones left out.
        entries: entries of the genesis maps by object name, such as `{"tags": {"climb": True}}`.
        body: its text.
    """

    fields: Mapping[str, Scalar]
    entries: Mapping[str, Mapping[str, Scalar]] = field(default_factory=dict)
    body: str = ""
