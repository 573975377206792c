"""What a package carries that others wrote: names, versions, licences and their texts.

All of it comes from the metadata of what is really in the package, never from a list kept by hand.
"""

from collections.abc import Iterable
from importlib.metadata import Distribution
from typing import Final

_TEXTS: Final = ("licen", "copying", "notice", "authors")
_RULE: Final = "\n\n" + "-" * 100 + "\n"


def licence_of(distribution: Distribution) -> str:
    """Give a library's licence in a few words; empty where its metadata say nothing."""
    about = distribution.metadata
    expression = about.get_all("License-Expression")
    if expression:
        return str(expression[0])
    named = [
        text.rpartition(" :: ")[2]
        for text in about.get_all("Classifier") or ()
        if text.startswith("License ::")
    ]
    said = about.get_all("License") or [""]
    return ", ".join(named) or str(said[0]).partition("\n")[0].strip()


def texts_of(distribution: Distribution) -> dict[str, str]:
    """Give a library's files about its licence, by name."""
    files = [
        file
        for file in distribution.files or ()
        if any(part.endswith(".dist-info") for part in file.parts)
        and file.name.lower().startswith(_TEXTS)
    ]
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(files, key=str)}


def overview(distributions: Iterable[Distribution]) -> str:
    """List libraries with their versions and licences, one a line."""
    return "".join(
        f"  {each.metadata['Name']} {each.version}: {licence_of(each) or 'see its text'}\n"
        for each in by_name(distributions)
    )


def in_full(distributions: Iterable[Distribution]) -> str:
    """List libraries, and after the list the text of each one's licence."""
    known = by_name(distributions)
    parts = [overview(known)]
    for each in known:
        for name, text in texts_of(each).items():
            parts.append(f"{each.metadata['Name']} {each.version}, {name}\n\n{text.strip()}")
    return _RULE.join(parts) + "\n"


def by_name(distributions: Iterable[Distribution]) -> list[Distribution]:
    """Sort libraries, each once."""
    once = {each.metadata["Name"].lower(): each for each in distributions}
    return [once[name] for name in sorted(once)]
