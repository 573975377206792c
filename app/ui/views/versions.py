"""The versions of an item: who changed what when, what each said, and the way back to it."""

from collections.abc import Callable
from datetime import datetime

import flet as ft

from app.local_time import moment_words
from app.ui.components.controls import quiet
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.views.refusals import difference_marks, difference_name
from app.ui.words import who
from store.domain.ids import DocId
from store.replica import Replica
from store.rows import Difference, VersionRow

_SHOWN = 30


@ft.component
def Versions(session: Session, doc: DocId, may_go_back: bool) -> ft.Control:  # noqa: N802
    """Draw a button that opens the list; history is read only then."""
    is_open, set_open = ft.use_state(False)

    async def toggle() -> None:
        set_open(not is_open)

    button = ft.TextButton(
        "Hide the versions" if is_open else "Versions",
        icon=ft.Icons.HISTORY,
        on_click=session.handler(toggle),
    )
    if not is_open:
        return ft.Row([button])
    listed = VersionList(session, doc, may_go_back)
    return ft.Column([ft.Row([button]), listed], spacing=4)


@ft.component
def VersionList(session: Session, doc: DocId, may_go_back: bool) -> ft.Control:  # noqa: N802
    """Draw the versions, newest first; one may be looked at."""
    limit, set_limit = ft.use_state(_SHOWN)
    seen, see = ft.use_state("")
    rows = use_query(
        session, lambda replica: replica.history(doc), on=("items",), given=(doc,), keep=True
    )
    drawn: list[ft.Control] = []
    for number, row in enumerate((rows or [])[:limit]):
        shown = row.version == seen

        def toggle(version: str = "" if shown else row.version) -> None:
            see(version)

        drawn.append(_line(row, session.now(), toggle if number else None, shown=shown))
        if shown and number:
            drawn.append(VersionDetail(session, doc, row.version, may_go_back))
    if rows and len(rows) > limit:
        drawn.append(
            ft.TextButton("Show more versions", on_click=lambda _: set_limit(limit + _SHOWN))
        )
    return ft.Column(drawn, spacing=2, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _line(
    row: VersionRow, now: datetime, toggle: Callable[[], None] | None, *, shown: bool
) -> ft.Control:
    """Draw one version; the newest is what the item says now, so there is nothing to see."""
    by = f"{who(row.author, row.device)}, {moment_words(row.at_ms, now)}"
    end: list[ft.Control] = [quiet("now")]
    if toggle is not None:
        end = [
            ft.TextButton(
                ft.Text(
                    "Hide" if shown else "See",
                    semantics_label=f"{'Hide' if shown else 'See'} the version {row.summary}, {by}",
                ),
                on_click=lambda _: toggle(),
            )
        ]
    return ft.Row(
        [
            ft.Column([ft.Text(row.summary or "nothing"), quiet(by)], spacing=0, expand=True),
            *end,
        ]
    )


@ft.component
def VersionDetail(  # noqa: N802 - components are named as what they draw
    session: Session, doc: DocId, version: str, may_go_back: bool
) -> ft.Control:
    """Draw what going back to a version would change, word by word, and the way there."""
    found = use_query(
        session,
        lambda replica: replica.differences(doc, version),
        on=("items",),
        given=(doc, version),
        keep=True,
    )
    if found is None:
        return ft.Container()

    async def go_back() -> None:
        def do(replica: Replica) -> None:
            session.core.drafts.flush()
            replica.revert(doc, version)

        said = "Back to that version; what it said before is a version too."
        await session.act(do, said=said)

    lines: list[ft.Control] = [quiet("It said the same as now.")]
    if found:
        lines = [line for each in found for line in _difference(each, session.now())]
    if found and may_go_back:
        lines.append(
            ft.Row(
                [
                    ft.OutlinedButton(
                        "Go back to this version",
                        icon=ft.Icons.RESTORE,
                        on_click=session.handler(go_back),
                    )
                ]
            )
        )
    return ft.Container(
        ft.Column(lines, spacing=6, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
        border_radius=8,
        padding=12,
    )


def _difference(each: Difference, now: datetime) -> list[ft.Control]:
    """Mark what would come back as added, and what would go as removed."""
    return [quiet(difference_name(each)), difference_marks(each, each.here, each.there, now)]
