"""JSON as text that is the same wherever the value is: sorted keys, no spaces, no escapes."""

import json
from typing import Any, Final

_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_json(value: Any) -> str:
    """Write a JSON value canonically."""
    return _ENCODER.encode(value)
