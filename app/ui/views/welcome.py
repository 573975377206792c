"""The first run, three steps: your name, alone or with others, and whether examples are wanted."""

from collections.abc import Callable
from typing import Any, Final

import flet as ft

from app.ui.busy import Act, use_busy
from app.ui.components.controls import apart, explained, heading
from app.ui.components.typed_field import use_typing, wide_field
from app.ui.first_run import EXAMPLE_LIST, add_examples, finish_first_run
from app.ui.session import Session
from app.ui.settings.hosting import JOIN_HINT
from app.ui.use_query import use_query
from app.ui.view_model import Layout, Place
from store.replica import Replica
from store.replica.core import Identity

_WIDTH_PX: Final = 560
_CARD_PADDING_PX: Final = 36
_CARD_HEIGHT_PX: Final = 480  # of the tallest step, about
_STEPS: Final = 3


@ft.component
def Welcome(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the step that is next."""
    step, set_step = ft.use_state(1)
    identity = use_query(session, lambda replica: replica.identity, on=())
    if identity is None:
        return ft.Container()

    async def finish() -> None:
        def do(replica: Replica) -> bool:
            finish_first_run(replica)
            return True

        if await session.act(do):
            place.is_welcome = False

    draw: dict[int, Callable[[], Any]] = {
        1: lambda: NameStep(session, identity, lambda: set_step(2)),
        2: lambda: CompanyStep(session, lambda: set_step(3)),
        3: lambda: ExamplesStep(session, finish),
    }
    card = ft.Container(
        width=_WIDTH_PX,
        padding=_CARD_PADDING_PX if layout.wide else 0,
        border=ft.Border.all(1, ft.Colors.OUTLINE_VARIANT) if layout.wide else None,
        border_radius=16,
        content=ft.Column(
            [
                ft.Row(
                    [
                        ft.Icon(ft.Icons.LANDSCAPE_OUTLINED, size=36, color=ft.Colors.PRIMARY),
                        explained(f"Step {step} of {_STEPS}"),
                    ],
                    alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
                ),
                draw[step](),
                ft.Row(
                    [ft.TextButton("Skip", on_click=session.handler(finish))],
                    alignment=ft.MainAxisAlignment.END,
                ),
            ],
            spacing=20,
            tight=True,
        ),
    )
    # What scrolls can't be centred by Flutter: the room above it is told instead.
    above = max(0, layout.height - layout.with_text(_CARD_HEIGHT_PX)) / 2 if layout.wide else 0
    return ft.ListView(
        [
            ft.Container(height=above),
            ft.Row([card], alignment=ft.MainAxisAlignment.CENTER) if layout.wide else card,
        ],
        padding=20,
        expand=True,
    )


@ft.component
def NameStep(session: Session, identity: Identity, done: Callable[[], None]) -> ft.Control:  # noqa: N802
    """Ask for the names that changes carry."""
    person, device = use_typing(identity.person), use_typing(identity.device)

    async def save() -> None:
        kept = await session.act(
            lambda replica: replica.set_identity(person=person.text, device=device.text)
        )
        if kept is not None:
            done()

    return ft.Column(
        [
            heading("Welcome to Cairn"),
            apart(
                ft.Text("Others see these names beside what you write. You can change them later.")
            ),
            wide_field(person, "Your name", session.typing_in),
            wide_field(device, "This device", session.typing_in),
            ft.FilledButton("Next", on_click=session.handler(save)),
        ],
        spacing=14,
        tight=True,
    )


@ft.component
def CompanyStep(session: Session, done: Callable[[], None]) -> ft.Control:  # noqa: N802
    """Offer to start alone, or to join with an invite link."""
    link = use_typing(session.model.invitation)
    busy = use_busy(session)

    async def join() -> None:
        from sync.peer.joining import join_given

        joined = await join_given(session.members, link.text)
        session.say(f"Joined {joined.name} as {joined.role}. What is in it comes now.")
        done()

    async def alone() -> None:
        done()

    return ft.Column(
        [
            heading("Alone, or with others?"),
            apart(
                ft.Text(
                    "Alone, everything stays on this device until you share it. "
                    "With an invite link, or the code that a device nearby shows, you join what "
                    "somebody else has shared."
                )
            ),
            ft.FilledButton("Start alone", on_click=session.handler(alone)),
            wide_field(link, "Invite link or code", session.typing_in, hint=JOIN_HINT),
            ft.FilledTonalButton(
                "Join", disabled=busy.now or not link.text.strip(), on_click=busy.handler(join)
            ),
        ],
        spacing=14,
        tight=True,
    )


@ft.component
def ExamplesStep(session: Session, finish: Act) -> ft.Control:  # noqa: N802
    """Offer the examples."""
    busy = use_busy(session)

    async def with_examples() -> None:
        def do(replica: Replica) -> bool:
            add_examples(replica)
            return True

        if await session.act(do, said=""):
            await finish()
            session.model.place.show("list", list_name=EXAMPLE_LIST)

    return ft.Column(
        [
            heading("A few examples?"),
            ft.Text(
                f"A list called {EXAMPLE_LIST} and a note show how things work. "
                "They stay on this device, and one tap removes them."
            ),
            ft.Row(
                [
                    ft.FilledButton(
                        "Show me examples", disabled=busy.now, on_click=busy.handler(with_examples)
                    ),
                    ft.FilledTonalButton(
                        "Start empty", disabled=busy.now, on_click=busy.handler(finish)
                    ),
                ],
                wrap=True,
            ),
        ],
        spacing=14,
        tight=True,
    )
