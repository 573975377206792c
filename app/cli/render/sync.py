"""What sync did and what is known about it, in sentences that are true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.render.cells import Cell, Span, cell, styled
from app.cli.render.page import Page
from app.cli.render.words import counted, on_one_line, short_id
from app.local_time import moment_words
from store.peers import DEVICE
from sync.protocol.address import shown_address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.cli.network import Nearby
    from store.rows import HeldRow, PeerRow, RefusalRow, SpaceRow, Status
    from sync.client.results import SyncResult
    from sync.protocol.entering import Device

_STATES = {
    "local": "Nothing to sync with: no space has a server, or is shared with devices nearby.",
    "synced": "Synced: the server has everything, and everything of the server's is here.",
    "syncing": "Syncing now.",
    "offline": "Offline: the server did not answer when it was last asked.",
    "attention": "Something needs you.",
}
# Where no space has a server.
_AMONG_DEVICES = {
    "synced": "Synced: another device has everything, and everything of its is here.",
    "offline": "Offline: no other device answered when they were last asked.",
}
# How rounds ended, before what they moved.
_ENDS = {
    "synced": "Synced",
    "attention": "Exchanged",
    "pending": "Not everything is sent or decided yet",
}


def status_page(row: Status, now: datetime) -> str:
    """Say what is known about sync without asking the network."""
    page = Page().line(Span(_headline(row, now), "bold"))
    if unsent := row.pending - row.undecidable:
        page.line(f"↑ {counted(unsent, 'change')} not sent yet: cairn sync")
    if row.undecidable:
        asked = counted(row.undecidable, "request")
        page.line(f"… {asked} about supplies or money: no server to decide; cairn space publish")
    if row.parked:
        page.line(f"! {counted(row.parked, 'item')} refused by the server: cairn parked")
    if row.conflicts:
        page.line(f"⚑ {counted(row.conflicts, 'conflict')} to settle: cairn conflicts")
    if row.peers:
        page.table(_peer(peer, now) for peer in row.peers)
    return page.written()


def parked_list(rows: Sequence[RefusalRow]) -> str:
    """List refused changes, with the titles of their items."""
    if not rows:
        return "Nothing is parked: the server has refused no change."
    table = (
        (
            styled(short_id(row.id), "dim"),
            styled(on_one_line(row.title), "bold"),
            cell(counted(row.changes, "change")),
            styled(on_one_line(row.reason), "yellow"),
        )
        for row in rows
    )
    hint = (
        "Then: cairn retry ID (send again) | takeback ID (undo here) | salvage ID (as a new item)"
    )
    return Page().table(table).line(Span(hint, "dim")).written()


def held_list(rows: Sequence[HeldRow], now: datetime) -> str:
    """List texts that were taken back."""
    if not rows:
        return "No text waits: nothing was taken back."
    table = (
        (
            styled(short_id(row.doc_id), "dim"),
            styled(on_one_line(row.title or "(all of it was taken back)"), "bold"),
            cell(moment_words(row.at_ms, now)),
            cell(on_one_line(row.text)),
        )
        for row in rows
    )
    hint = "Then: cairn drafts ID (show it) | --use (put it in) | --drop (throw it away)"
    return Page().table(table).line(Span(hint, "dim")).written()


def space_list(rows: Sequence[SpaceRow]) -> str:
    """List spaces; the one that new items go to is marked."""
    table = (
        (
            cell("→" if row.is_current else " "),
            styled(on_one_line(row.name), "bold"),
            styled(_place(row), "dim"),
            styled(row.role or "", "cyan"),
        )
        for row in rows
    )
    return Page().table(table).written()


def device_list(rows: Sequence[Device], own: str, now: datetime) -> str:
    """List the devices of a space, oldest first; `own` is the id of this one."""
    table = (
        (
            styled(short_id(row.id), "dim"),
            styled(on_one_line(row.person), "bold"),
            cell(on_one_line(row.device)),
            styled(row.role, "cyan"),
            cell(_standing(row, own, now)),
        )
        for row in rows
    )
    return Page().table(table).written()


def _standing(row: Device, own: str, now: datetime) -> str:
    if row.revoked:
        return "shut out"
    return "this device" if row.id == own else _seen(row.last_seen_at_ms, now)


def nearby_list(rows: Sequence[Nearby]) -> str:
    """List devices that share spaces nearby, with those that this home shares with them."""
    if not rows:
        return "No device that shares a space was found nearby."
    table = (
        (
            styled(on_one_line(row.device), "bold"),
            styled(shown_address(row.url), "dim"),
            cell(", ".join(on_one_line(name) for name in row.spaces) or "not joined"),
        )
        for row in rows
    )
    return Page().table(table).written()


def sync_line(row: SyncResult) -> str:
    """Say on one line what rounds of sync came to."""
    if row.state == "local":
        return (
            "Nothing to sync with: every space is on this device only (cairn space publish, or "
            "cairn serve --peer)."
        )
    moved = (
        f"sent {row.pushed}, received {row.pulled}" if row.pushed or row.pulled else "nothing new"
    )
    parts = [f"{_ENDS.get(row.state, row.state)}: {moved} ({row.duration_ms / 1000:.1f} s)"]
    if row.parked:
        parts.append(f"! {counted(row.parked, 'item')} refused: cairn parked")
    if row.conflicts:
        parts.append(f"⚑ {counted(row.conflicts, 'conflict')} to settle: cairn conflicts")
    return " · ".join(parts)


def _headline(row: Status, now: datetime) -> str:
    if row.state == "pending":
        is_sent = row.pending == row.undecidable > 0
        said = "Not everything is decided yet." if is_sent else "Not everything is sent yet."
    elif row.state == "retrying":
        when = "soon" if row.retry_at_ms is None else f"at {moment_words(row.retry_at_ms, now)}"
        said = f"The last try failed; the next one is due {when}."
    elif row.state in _AMONG_DEVICES and all(peer.kind == DEVICE for peer in row.peers):
        said = _AMONG_DEVICES[row.state]
    else:
        said = _STATES[row.state]
    if row.state == "local":
        return said
    if row.last_synced_at_ms is None:
        return f"{said} It was never fully synced."
    return f"{said} Last synced {moment_words(row.last_synced_at_ms, now)}."


def _peer(row: PeerRow, now: datetime) -> tuple[Cell, ...]:
    waiting = f"{row.push_pending} to send" if row.push_pending else ""
    seen = _seen(row.last_seen_at_ms, now)
    return (
        cell(on_one_line(row.space)),
        styled(_where(row), "dim"),
        cell(", ".join(part for part in (row.state, waiting, seen) if part)),
        styled(on_one_line(row.error or ""), "yellow"),
    )


def _place(row: SpaceRow) -> str:
    if row.url:
        return shown_address(row.url)
    return "among devices" if row.is_among_devices else "on this device only"


def _where(row: PeerRow) -> str:
    """A server by its address, a device by its name."""
    if row.name is None:
        return shown_address(row.url)
    return on_one_line(row.name) + ("" if row.url else " (asks this device)")


def _seen(at_ms: int | None, now: datetime) -> str:
    return "never seen" if at_ms is None else f"seen {moment_words(at_ms, now)}"
