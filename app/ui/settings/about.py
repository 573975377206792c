"""What this program is, its version, its licence, and those of what it is made of."""

from importlib.metadata import PackageNotFoundError, distribution, requires, version
from typing import Final

import flet as ft

from app.ui.components.controls import quiet
from app.ui.session import Session
from app.ui.use_query import use_query

_NAME: Final = "cairn"
_LICENCE_KEYS: Final = ("License-Expression", "License")
_CLASSIFIER: Final = "License :: OSI Approved :: "


@ft.component
def About(session: Session) -> ft.Control:  # noqa: N802
    """Draw it; the licences of others where somebody asks."""
    opened, set_opened = ft.use_state(False)
    # Every distribution is read for it: only for who wants to see it.
    parts = use_query(session, lambda _: libraries() if opened else [], on=(), given=(opened,))

    async def toggle() -> None:
        set_opened(not opened)

    async def shortcuts() -> None:
        session.model.place.dialog = "shortcuts"

    lines = [quiet(f"{name} {number}: {licence}") for name, number, licence in parts or ()]
    return ft.Column(
        [
            ft.Text(f"Cairn {version(_NAME)}, under the MIT licence."),
            quiet("Tasks and notes that work offline first and say the truth about being in sync."),
            ft.Row(
                [
                    ft.TextButton(
                        "Hide the licences" if opened else "Licences of its parts",
                        on_click=session.handler(toggle),
                    ),
                    ft.TextButton("Keyboard shortcuts", on_click=session.handler(shortcuts)),
                ],
                wrap=True,
            ),
            *(lines if opened else []),
        ],
        spacing=6,
    )


def libraries() -> list[tuple[str, str, str]]:
    """Name, version and licence of every library that this program needs, as each says it."""
    found: dict[str, tuple[str, str, str]] = {}
    left = list(requires(_NAME) or ())
    while left:
        name = _plain_name(left.pop())
        if name in found:
            continue
        try:
            there = distribution(name)
        except PackageNotFoundError:  # for another system, or an extra that nobody asked for
            continue
        found[name] = (there.name, there.version, _licence(name))
        left += [each for each in there.requires or () if "extra ==" not in each]
    return sorted(found.values(), key=lambda each: each[0].lower())


def _plain_name(requirement: str) -> str:
    end = next((i for i, letter in enumerate(requirement) if letter in " ;[<>=!~("), None)
    return requirement[:end].lower().replace("_", "-")


def _licence(name: str) -> str:
    told = distribution(name).metadata
    said = next((told[key] for key in _LICENCE_KEYS if key in told), "")
    if said and "\n" not in said.strip():
        return said.strip()
    classified = [
        each.removeprefix(_CLASSIFIER)
        for each in told.get_all("Classifier") or ()
        if each.startswith(_CLASSIFIER)
    ]
    return ", ".join(classified) or "see its own files"
