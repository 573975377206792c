"""Paths of this computer, as a person types them."""

from pathlib import Path


def path_typed(text: str) -> Path:
    """Read a path: `~` is the person's own folder; quotes that a file manager put around it go.

    Args:
        text: not empty.
    """
    plain = text.strip()
    if len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "'\"":
        plain = plain[1:-1]
    return Path(plain).expanduser().absolute()
