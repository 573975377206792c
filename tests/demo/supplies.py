"""The second act: a trip that shares tents, seats and money, apart and together again.

Made offline, partly refused, compensated, told: what is certain is kept, what was only asked for
is decided once, and what can't be kept is put back and explained to whom it concerns.
"""

from pathlib import Path
from typing import Any, Final

from tests.demo.stage import LineFailed, Person, act, check, say

SYNCS_MAX: Final = 30
PLAN: Final = """
name = "Hut weekend"
items = [{ item = "4-person tent", count = 1 }]
fee = { from = "Food", to = "Hut", amount = "25.00" }
"""


def share(ann: Person, bea: Person) -> None:
    """Ann puts up what they share, and Bea takes a quota while there is a network."""
    act("They share tents, seats in a van, and money")
    ann.run("stock", "add", "4-person tent", "--count", "3")
    ann.run("stock", "add", "Seat", "--count", "4", "--policy", "oversell", "--oversell", "25")
    for name in ("Food", "Hut"):
        ann.run("budget", "add", name, "--currency", "EUR")
    ann.run("budget", "deposit", "Food", "60.00")
    ann.run("notices", "apology", "Sorry, the van is full.", "--credit", "5", "--from", "Food")
    ann.sync()
    bea.sync()
    bea.run("stock", "quota", "4-person tent", "2")
    bea.sync()
    tent = item(bea, "4-person tent")
    check(
        tent["mine"]["quota"] == 2 and tent["available"] == 1,
        "Bea may hand out two tents by herself; one is left for all",
    )


def apart(ann: Person, bea: Person, folder: Path) -> dict[str, str]:
    """The server is gone; both go on, and are told how sure each thing is."""
    act("The server stops. Bea reserves and books without it, and so does Ann")
    bea.run("note", "Packing", "--body", "-", given="Tents, stove, rope.\n")
    task = bea.run("add", "Pitch the tents")["id"]
    tents = bea.run("stock", "reserve", "4-person tent", "2", "--for", task)
    check(tents["state"] == "certain", "Bea's two tents for a task are certain, offline")
    third = bea.run("stock", "reserve", "4-person tent", "1")
    check(third["state"] == "requested", "a third one, beyond her quota, is only asked for")
    check(
        bea.run("stock", "release", third["id"])["state"] == "released", "and she takes that back"
    )
    plan = folder / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")
    booking = bea.run("book", str(plan))
    check(
        [step["state"] for step in booking["steps"]] == ["waiting"] * 3,
        "Bea's booking of a tent and its fee waits, step by step",
    )
    seats = bea.run("stock", "reserve", "Seat", "2")
    food = budget(bea, "Food")
    check(
        (food["available"], food["pending"]) == ("35.00", "25.00"),
        "her budget shows 35.00 to spend and 25.00 under way, apart",
    )
    ann.run("stock", "reserve", "Seat", "3")
    ann.run("budget", "transfer", "Food", "Hut", "50.00")
    bea.run("stock", "reserve", "4-person tent", "4", expect=(1,))
    check(True, "four of three tents are refused at once, in one line")
    for person in (ann, bea):
        person.run("sync", "--timeout", "2", expect=(3,))
    return {"tents": tents["id"], "booking": booking["id"], "seats": seats["id"], "task": task}


def together(ann: Person, bea: Person, made: dict[str, str]) -> None:
    """The server decides each thing once; what can't be kept is put back, and told."""
    act("The server comes back and decides")
    ann.sync()
    until(ann, lambda: saga(ann)["state"] == "completed", "Ann's 50.00 have moved, once")
    bea.sync()
    check(state(bea, made["tents"]) == "confirmed", "what was certain is confirmed: two tents")
    until(
        bea,
        lambda: saga(bea, made["booking"])["state"] == "compensated",
        "Bea's booking failed at the fee, and its tent was put back",
    )
    booking = saga(bea, made["booking"])
    say(f"why: {booking['reason']}")
    check(
        [step["state"] for step in booking["steps"]] == ["undone", "failed", "waiting"],
        "the checklist says so: undone, failed, never begun",
    )
    check(item(bea, "4-person tent")["available"] == 1, "the third tent is there for all again")
    check(
        state(bea, made["seats"]) == "confirmed" and item(bea, "Seat")["available"] <= 0,
        "five seats of four are given away, which the van's policy allows for a while",
    )
    ann.run("stock", "settle", "Seat")
    ann.sync()
    until(
        bea,
        lambda: state(bea, made["seats"]) == "compensated",
        "the last to rank gives way: Bea's two seats are cancelled",
    )
    told(ann, bea)


def told(ann: Person, bea: Person) -> None:
    """Who has lost something knows why, and what was given for it; nothing is lost or doubled."""
    act("Bea is told, and everything adds up")
    until(bea, lambda: len(bea.run("notices")) == 2, "two notices wait for Bea")
    for notice in bea.run("notices"):
        say(f"{notice['text']} {notice['reason']} {notice['apology']}".rstrip())
    cancelled = next(each for each in bea.run("notices") if each["kind"] == "compensated")
    check(
        (cancelled["apology"], cancelled["credit"], cancelled["currency"])
        == ("Sorry, the van is full.", "5.00", "EUR"),
        "the apology has Ann's words, and 5.00 EUR",
    )
    refused = [row for row in bea.run("conflicts") if row["kind"] == "refused"]
    check(len(refused) == 2, "both stand among Bea's conflicts with their reasons")
    until(bea, lambda: "Credit of Bea" in sums(bea), "the 5.00 are paid, once")
    until(ann, lambda: sums(ann) == sums(bea), "both see the same budgets")
    check(
        sums(ann) == {"Food": "5.00", "Hut": "50.00", "Credit of Bea": "5.00"},
        f"60.00 came in and 60.00 are there: {sums(ann)}",
    )
    check(
        [(row["name"], row["available"]) for row in ann.run("stock")]
        == [("4-person tent", 1), ("Seat", 1)],
        "one tent and one seat are left: nothing is oversold",
    )
    for notice in bea.run("notices"):
        bea.run("notices", "seen", notice["id"])
    check(bea.run("notices") == [], "what Bea has seen is not told again")


# -- looks -----------------------------------------------------------------------------------------


def until(person: Person, holds: Any, claim: str) -> None:
    """Sync until something holds: the server takes its steps in its own time."""
    for _ in range(SYNCS_MAX):
        if holds():
            check(True, claim)
            return
        person.run("sync", expect=(0, 4))
    raise LineFailed(claim)


def item(person: Person, name: str) -> dict[str, Any]:
    """An item in stock, as somebody sees it."""
    found: dict[str, Any] = next(row for row in person.run("stock") if row["name"] == name)
    return found


def budget(person: Person, name: str) -> dict[str, Any]:
    """A budget, as somebody sees it."""
    found: dict[str, Any] = next(row for row in person.run("budget") if row["name"] == name)
    return found


def sums(person: Person) -> dict[str, str]:
    """What can be spent of each budget."""
    return {row["name"]: row["available"] for row in person.run("budget")}


def state(person: Person, reservation: str) -> str:
    """How a reservation stands."""
    rows = person.run("stock", "reservations")
    return str(next(row["state"] for row in rows if row["id"] == reservation))


def saga(person: Person, named: str | None = None) -> dict[str, Any]:
    """A booking or transfer, the last one where none is named."""
    rows: list[dict[str, Any]] = person.run("sagas")
    return next(row for row in rows if named in (None, row["id"]))
