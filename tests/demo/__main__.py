"""Two homes edited apart meet again, and every conflict is seen; then they share supplies."""

import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.demo import supplies
from tests.demo.stage import LineFailed, Person, act, check, say, server

NOTE = "Water is at the second hut.\n\nWe leave at six.\n\nBring the big rope.\n"


def main() -> int:
    """Play it; 0 when every line holds."""
    with tempfile.TemporaryDirectory(prefix="cairn-demo-") as folder:
        try:
            play(Path(folder))
        except LineFailed as failure:
            print(f"\nThis line does not hold: {failure}", file=sys.stderr)
            return 1
    print("\nEvery line holds.")
    return 0


def play(folder: Path) -> None:
    """The whole story."""
    ann, bea = Person("Ann", folder), Person("Bea", folder)
    with server(folder / "server") as ready:
        port = int(urlsplit(ready["url"]).port or 0)
        meet(ann, bea, ready)
        things = shared_things(ann, bea)
    apart(ann, bea, things)
    with server(folder / "server", port):
        together(ann, bea, things)
        settle(ann, bea)
        supplies.share(ann, bea)
    made = supplies.apart(ann, bea, folder)
    with server(folder / "server", port):
        supplies.together(ann, bea, made)


def meet(ann: Person, bea: Person, ready: dict[str, Any]) -> None:
    """Ann makes a space on the server, and invites Bea."""
    act("Ann starts a space and invites Bea")
    ann.run(
        "space", "create", "Trip", "--server", ready["url"], "--setup-code", ready["setup_code"]
    )
    ann.sync()
    link = ann.run("invite")["link"]
    joined = bea.run("join", link)
    check(joined["name"] == "Trip", "Bea has joined Trip by Ann's link")


def shared_things(ann: Person, bea: Person) -> dict[str, str]:
    """What both have before they part."""
    act("Both have the same things")
    things = {
        name: ann.run("add", title)["id"]
        for name, title in (
            ("boots", "Wax the boots"),
            ("bus", "Book the bus"),
            ("stove", "Fetch the stove"),
            ("tent", "Mend the tent #gear"),
        )
    }
    things["plan"] = ann.run("note", "Plan", "--body", "-", given=NOTE)["id"]
    things["songs"] = ann.run("note", "Songs", "--body", "-", given="Old ones.\n")["id"]
    ann.sync()
    bea.sync()
    check(
        digests(ann) == digests(bea), f"cairn digest is the same on both: {digests(ann)[1][:12]}…"
    )
    return things


def apart(ann: Person, bea: Person, things: dict[str, str]) -> None:
    """The server is gone; both go on at full speed."""
    act("The server stops. Both edit without it")
    ann.run("edit", things["boots"], "--due", "2026-12-01")
    bea.run("done", things["boots"])
    ann.run("edit", things["bus"], "--title", "Book the early bus")
    bea.run("edit", things["bus"], "--title", "Book the late bus")
    ann.run("done", things["stove"])
    bea.run("cancel", things["stove"], "--reason", "the hut has one")
    ann.run("rm", things["songs"])
    bea.run("edit", things["songs"], "--body", "-", given="Old ones, and two new ones.\n")
    text = NOTE.replace("second hut", "third hut").replace("at six", "at half past five")
    ann.run("edit", things["plan"], "--body", "-", given=text)
    text = NOTE.replace("at six", "at seven").replace("big rope", "big rope and the map")
    bea.run("edit", things["plan"], "--body", "-", given=text)
    ann.run("edit", things["tent"], "--tag", "+sewing")
    bea.run("edit", things["tent"], "--tag", "+urgent")
    ann.run("add", "Buy thread", "--parent", things["tent"])
    bea.run("add", "Find the needle", "--parent", things["tent"])
    for person in (ann, bea):
        person.run("sync", "--timeout", "2", expect=(3,))
        status = person.run("status")
        check(
            status["state"] == "offline" and status["pending"] > 0,
            f"{person.name}'s status says offline, {status['pending']} changes wait",
        )


def together(ann: Person, bea: Person, things: dict[str, str]) -> None:
    """The server is back."""
    act("The server comes back, and both sync")
    for person in (ann, bea, ann):
        person.sync()
    check(digests(ann) == digests(bea), "both have the same again")
    for person in (ann, bea):
        show(person, things)
    mine, theirs = ann.conflicts(), bea.conflicts()
    for row in mine:
        values = " | ".join(f"{s['value']!r} ({s['author']})" for s in row["sides"])
        say(f"{row['kind']:9} {row['title']}: {values}")
    kinds = sorted(row["kind"] for row in mine)
    check(
        kinds == ["field", "lifecycle", "passage", "trash"], "each kind of conflict is there once"
    )
    check(mine == theirs, "both list the same conflicts: ids, sides, values, who and when")
    passage = next(row for row in mine if row["kind"] == "passage")
    told = {side["author"]: side["value"] for side in passage["sides"]}
    check(
        told == {"Ann": "We leave at half past five.", "Bea": "We leave at seven."},
        "the sentence that both changed stands there as each of them wrote it",
    )


def show(person: Person, things: dict[str, str]) -> None:
    """What must have merged, as one of them sees it."""
    boots, tent = person.run("show", things["boots"]), person.run("show", things["tent"])
    plan, songs = person.run("show", things["plan"]), person.run("show", things["songs"])
    check(
        boots["due"] == "2026-12-01" and boots["state"] == "done",
        f"{person.name}: Ann's due date and Bea's done are both there",
    )
    check(tent["tags"] == ["gear", "sewing", "urgent"], f"{person.name}: all tags are there")
    below = [t["title"] for t in person.run("tasks") if t["parent"] == things["tent"]]
    check(sorted(below) == ["Buy thread", "Find the needle"], f"{person.name}: both subtasks too")
    check(
        "third hut" in plan["body"] and "and the map" in plan["body"],
        f"{person.name}: the note has what each wrote in other paragraphs",
    )
    check(
        not songs["trashed"] and songs["body"] == "Old ones, and two new ones.\n",
        f"{person.name}: the note that one edited and one threw away is still there",
    )


def settle(ann: Person, bea: Person) -> None:
    """Bea settles one; Ann sees it; Bea opens it again."""
    act("Bea settles a conflict, and takes it back")
    field = next(row for row in bea.conflicts() if row["kind"] == "field")
    take = next(i for i, side in enumerate(field["sides"]) if side["author"] == "Ann")
    bea.run("resolve", field["id"], "--take", str(take))
    bea.sync()
    ann.sync()
    told = next(row for row in ann.conflicts(settled=True) if row["id"] == field["id"])
    check(
        told["settled"]["by"] == "Bea" and told["settled"]["value"] == "Book the early bus",
        "Ann sees that Bea settled it, and on what",
    )
    check(all(r["id"] != field["id"] for r in ann.conflicts()), "it is open for nobody")
    bea.run("unresolve", field["id"])
    bea.sync()
    ann.sync()
    again = next((r for r in ann.conflicts() if r["id"] == field["id"]), None)
    check(
        again is not None and sides(again) == sides(field),
        "opened again, it has the same id and the same sides for both",
    )
    check(ann.conflicts() == bea.conflicts(), "both list the same conflicts")
    check(digests(ann) == digests(bea), "both have the same in the end")


def sides(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Who wrote what."""
    return sorted((side["author"], side["value"]) for side in row["sides"])


def digests(person: Person) -> tuple[str, str]:
    """The two hashes of the space."""
    told = person.run("digest")
    return told["heads"], told["view"]


if __name__ == "__main__":
    sys.exit(main())
