"""What sync did and what is known about it, in sentences that are true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from app.cli.render.console import drawn, plain_table
from app.cli.render.words import counted, on_one_line, short_id
from app.local_time import moment_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from store.rows import ParkedRow, PeerRow, SpaceRow, Status

_STATES = {
    "local": "Everything is on this device only; no space has a server.",
    "synced": "Synced: the server has everything, and everything of the server's is here.",
    "syncing": "Syncing now.",
    "offline": "Offline: the server did not answer when it was last asked.",
    "attention": "Something needs you.",
}


def status_page(row: Status, now: datetime) -> str:
    """Say what is known about sync without asking the network."""
    lines = [Text(_headline(row, now), style="bold")]
    if row.pending:
        lines.append(Text(f"↑ {counted(row.pending, 'change')} not sent yet: cairn sync"))
    if row.parked:
        lines.append(Text(f"! {counted(row.parked, 'item')} refused by the server: cairn parked"))
    if row.conflicts:
        lines.append(Text(f"⚑ {counted(row.conflicts, 'conflict')} to settle: cairn conflicts"))
    if not row.peers:
        return drawn(*lines)
    table = plain_table("", "", "", "")
    for peer in row.peers:
        table.add_row(Text(on_one_line(peer.space)), Text(peer.url, style="dim"), *_peer(peer, now))
    return drawn(*lines, table)


def parked_list(rows: Sequence[ParkedRow], titles: Sequence[str]) -> str:
    """List refused changes, with the titles of their items in the same order."""
    if not rows:
        return "Nothing is parked: the server has refused no change."
    table = plain_table("", "", "", "")
    for row, title in zip(rows, titles, strict=True):
        table.add_row(
            Text(short_id(row.id), style="dim"),
            Text(on_one_line(title), style="bold"),
            Text(counted(row.changes, "change")),
            Text(on_one_line(row.reason), style="yellow"),
        )
    hint = (
        "Then: cairn retry ID (send again) | takeback ID (undo here) | salvage ID (as a new item)"
    )
    return drawn(table, Text(hint, style="dim"))


def space_list(rows: Sequence[SpaceRow]) -> str:
    """List spaces; the one that new items go to is marked."""
    table = plain_table("", "", "", "")
    for row in rows:
        table.add_row(
            Text("→" if row.is_current else " "),
            Text(on_one_line(row.name), style="bold"),
            Text(row.url or "on this device only", style="dim"),
            Text(row.role or "", style="cyan"),
        )
    return drawn(table)


def _headline(row: Status, now: datetime) -> str:
    if row.state == "pending":
        said = "Not everything is sent yet."
    elif row.state == "retrying":
        when = "soon" if row.retry_at_ms is None else f"at {moment_words(row.retry_at_ms, now)}"
        said = f"The last try failed; the next one is due {when}."
    else:
        said = _STATES[row.state]
    if row.state == "local":
        return said
    if row.last_synced_at_ms is None:
        return f"{said} It was never fully synced."
    return f"{said} Last synced {moment_words(row.last_synced_at_ms, now)}."


def _peer(row: PeerRow, now: datetime) -> tuple[Text, Text]:
    waiting = f"{row.push_pending} to send" if row.push_pending else ""
    seen = (
        "never seen"
        if row.last_seen_at_ms is None
        else f"seen {moment_words(row.last_seen_at_ms, now)}"
    )
    said = ", ".join(part for part in (row.state, waiting, seen) if part)
    return Text(said), Text(on_one_line(row.error or ""), style="yellow")
