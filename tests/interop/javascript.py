"""Asks the Automerge of JavaScript what it sees of a replica's documents, and lets it edit them."""

import base64
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from store.commands.patches import NewTask
from store.documents.inspect import inspect_change
from store.domain.ids import DocId
from store.interchange.export_automerge import export_automerge
from store.replica import Replica
from tests.support.people import Camp

HERE = Path(__file__).parent


def a_task(camp: Camp) -> DocId:
    """Alice adds a task with something in every field, and Bob gets it."""
    doc = camp["alice"].add_task(
        NewTask("Rope", due="2026-11-30", list="Hut", tags=("climb", "hut"), body="Anchors.\n")
    )
    camp.meet()
    return doc


def node(program: str, *arguments: str | Path) -> str:
    """Run one of the programs of this folder; gives what it wrote."""
    answer = subprocess.run(
        ["node", str(HERE / program), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def seen_by_javascript(replica: Replica, folder: Path) -> dict[DocId, Any]:
    """Export everything, and let JavaScript say what it sees of each document."""
    export_automerge(replica, folder, spaces=replica.spaces())
    return {DocId(seen["id"]): seen for seen in json.loads(node("read_exports.mjs", folder))}


def live_values(conflicts: Mapping[str, list[tuple[str, Any]]]) -> dict[str, set[str]]:
    """Give the different values of those fields that have two or more, as JSON text."""
    values = {name: {json.dumps(value) for _, value in live} for name, live in conflicts.items()}
    return {name: different for name, different in values.items() if len(different) > 1}


def assert_both_see_the_same(replica: Replica, folder: Path) -> int:
    """Compare every document of a replica with what JavaScript sees.

    Returns:
        How many field conflicts there are.
    """
    seen = seen_by_javascript(replica, folder)
    listed: dict[str, dict[str, Any]] = {doc: {} for doc in seen}
    for row in replica.conflicts(remember=False):
        if row.kind == "field":
            listed[row.doc_id][str(row.field)] = row.sides
    for doc, said in seen.items():
        with replica.db.read() as conn:
            (heads,) = conn.execute("SELECT heads FROM doc WHERE id = ?", (doc,)).fetchone()
        assert "".join(sorted(said["heads"])) == heads.hex()
        assert said["text"] == replica.item(doc).body
        ours = {
            field: {json.dumps(side.value) for side in sides}
            for field, sides in listed[doc].items()
        }
        assert ours == live_values(said["conflicts"])
        for field, sides in listed[doc].items():
            for side in sides:
                assert [side.op, side.value] in said["conflicts"][field]
                assert side.shown is (side.value == said["shown"][field])
    return sum(len(fields) for fields in listed.values())


def edited_in_javascript(camp: Camp, name: str, doc: DocId, folder: Path, **edit: str) -> None:
    """Let JavaScript edit somebody's export of a document, and bring the change back to them."""
    export_automerge(camp[name], folder, spaces=camp[name].spaces())
    answer = node("edit_export.mjs", folder / f"{doc}.automerge", json.dumps(edit))
    change = inspect_change(base64.b64decode(answer))
    applied = camp[name].apply_remote(camp.space, [(doc, change)], origin="javascript")
    assert (applied.accepted, applied.quarantined, applied.waiting) == (1, 0, 0)
