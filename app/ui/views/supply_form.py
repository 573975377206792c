"""Putting something in stock: how many, and by what it promises how it may be reserved."""

from collections.abc import Callable
from typing import Final, cast

import flet as ft

from app.supply_words import PROMISE_WORDS
from app.ui.components.choice import choice_field, use_choice
from app.ui.components.coming_field import use_coming_field
from app.ui.components.controls import heading, quiet
from app.ui.components.typed_field import typed_field, use_typing
from app.ui.session import Session
from store.domain.errors import InvalidValue
from store.domain.ledger.policies import EXPLAINED, Policy, PolicyName

_FIRST: Final[PolicyName] = "escrow"


@ft.component
def SupplyForm(session: Session, opened: Callable[[str], None]) -> ft.Control:  # noqa: N802
    """Draw the form.

    Args:
        session: the tab.
        opened: told the id of what was made.
    """
    name, count = use_typing(), use_typing()
    policy = use_choice(_FIRST)
    use_coming_field(session, name)
    name_of = cast(PolicyName, policy.value)  # one of the options

    async def make() -> None:
        pieces, chosen = whole_number(count.text), Policy(cast(PolicyName, policy.value))
        made = await session.act(lambda replica: replica.add_item(name.text, pieces, chosen))
        if made is not None:
            opened(made)

    return ft.ListView(
        [
            heading("New supplies", level=2),
            typed_field(name, "Name", session.typing_in, hint="4-person tent", autofocus=True),
            typed_field(count, "How many there are", session.typing_in, hint="12"),
            choice_field(
                policy, "What reserving promises", list(PROMISE_WORDS.items()), expand=False
            ),
            quiet(EXPLAINED[name_of]),
            ft.Row(
                [
                    ft.FilledButton(
                        "Put in stock",
                        disabled=not (name.text.strip() and count.text.strip()),
                        on_click=session.handler(make),
                    )
                ]
            ),
            quiet(f"Technical name: {name_of}"),
        ],
        padding=20,
        spacing=14,
        expand=True,
    )


def whole_number(text: str) -> int:
    """Read a number of pieces as typed; raises InvalidValue."""
    try:
        number = int(text.strip())
    except ValueError:
        number = 0
    if number < 1:
        raise InvalidValue("A count is a whole number above zero.", field="count")
    return number
