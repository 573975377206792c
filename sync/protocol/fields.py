"""Types of single fields of messages, with their bounds."""

from typing import Annotated, Final

from msgspec import Meta

from store.domain.limits import NAME_CHARS_MAX

INT_MAX: Final = (1 << 53) - 1  # what every JSON reader can hold
ID_CHARS_MAX: Final = 64
SECRET_CHARS_MAX: Final = 100
CURSOR_CHARS_MAX: Final = 200
SIGNING_KEY_BYTES: Final = 32

Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
Count = Annotated[int, Meta(ge=0, le=INT_MAX)]
AtMs = Annotated[int, Meta(ge=0, le=INT_MAX)]
Id = Annotated[str, Meta(min_length=1, max_length=ID_CHARS_MAX)]
Name = Annotated[str, Meta(max_length=NAME_CHARS_MAX)]
Secret = Annotated[str, Meta(min_length=1, max_length=SECRET_CHARS_MAX)]
CursorText = Annotated[str, Meta(max_length=CURSOR_CHARS_MAX)]
Generation = Annotated[bytes, Meta(max_length=32)]
