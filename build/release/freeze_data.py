"""Keeps what a release writes to the disk, so that every later version can prove that it opens it.

    python -m release.freeze_data CAIRN FOLDER      with CAIRN the program of that release

FOLDER gets `data.tar.xz` (the homes of Ann and Bea, the data of their server) and `story.json`:
which version made it, and what its commands said of it. Ann and Bea have a conflict and things of
every kind, supplies and a budget; their last acts wait to be sent.
`tests/packages/test_upgrade.py` opens every folder that there is.
"""

import argparse
import json
import platform
import re
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from release.program import Program

ASKED: Final = (
    ("tasks",),
    ("tasks", "--state", "done"),
    ("tasks", "--state", "cancelled"),
    ("notes",),
    ("trash",),
    ("conflicts",),
    ("spaces",),
    ("status", "--space", "Trip"),
    ("stock", "--space", "Trip"),
    ("stock", "reservations", "--space", "Trip"),
    ("budget", "--space", "Trip"),
)
NAME_CHARS_BY_NO_CHANCE: Final = 6
BODY: Final = "Water is at the second hut.\n\nWe leave at six.\n"


def main() -> None:
    """Play the story and keep what is on the disk at its end."""
    parser = argparse.ArgumentParser(description="Keep the data of a release as a test's fixture.")
    parser.add_argument("cairn", type=Path, help="the program of that release")
    parser.add_argument("folder", type=Path, help="where to keep it")
    parser.add_argument("--commit", default="", help="of that release")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        freeze(Program(given.cairn.absolute(), Path(place)), given.folder, given.commit)


def freeze(cairn: Program, out: Path, commit: str) -> None:
    """Play the story with a program and write the two files."""
    story = {"version": cairn("ann", "--version")["version"], "commit": commit, **play(cairn)}
    out.mkdir(parents=True, exist_ok=True)
    archive = out / "data.tar.xz"
    with tarfile.open(archive, "w:xz", preset=9) as packed:
        for name in ("ann", "bea", "server"):
            refuse_name_of_here(cairn.folder / name, platform.node())
            packed.add(cairn.folder / name, name, filter=_nobodys)
    text = json.dumps(story, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    (out / "story.json").write_text(text, encoding="utf-8")
    print(f"{archive} ({archive.stat().st_size // 1024} kB)")


def play(cairn: Program) -> dict[str, Any]:
    """Let Ann and Bea work; gives what Ann's and Bea's commands say at the end."""
    for who in ("ann", "bea"):
        cairn(who, "whoami", "--name", who.title(), "--device", f"{who.title()}s laptop")
    with cairn.serving() as ready:
        url, code = ready["url"], ready["setup_code"]
        cairn("ann", "space", "create", "Trip", "--server", url, "--setup-code", code)
        boots = cairn("ann", "add", "Wax the boots 2026-12-01 #gear +Hut !high")["id"]
        stove = cairn("ann", "add", "Fetch the stove")["id"]
        cairn("ann", "add", "Clean it", "--parent", stove)
        tent = cairn("ann", "add", "Sell the old tent")["id"]
        plan = cairn("ann", "note", "Plan", "--body", "-", given=BODY)["id"]
        cairn("ann", "stock", "add", "Hut tent", "--count", "3", "--space", "Trip")
        cairn("ann", "budget", "add", "Food", "--currency", "EUR", "--space", "Trip")
        cairn("ann", "budget", "deposit", "Food", "60.00", "--space", "Trip")
        cairn("ann", "stock", "reserve", "Hut tent", "1", "--space", "Trip")
        cairn("ann", "sync")
        cairn("bea", "join", cairn("ann", "invite")["link"])
        cairn("bea", "sync")
        # Both write, apart: two titles, two ends of one task, one passage.
        cairn("ann", "edit", boots, "--title", "Wax both boots")
        cairn("bea", "edit", boots, "--title", "Wax all the boots")
        cairn("ann", "done", stove)
        cairn("bea", "cancel", stove, "--reason", "There is one at the hut")
        cairn("ann", "edit", plan, "--body", "-", given=BODY.replace("six", "seven"))
        cairn("bea", "edit", plan, "--body", "-", given=BODY.replace("six", "five"))
        cairn("ann", "rm", tent)
        for who in ("ann", "bea", "ann"):
            cairn(who, "sync", expect=(0, 4))  # 4: done, and there are conflicts
    # What waits to be sent when the next version comes.
    cairn("ann", "add", "Ask about the key")
    cairn("ann", "edit", boots, "--due", "2026-12-02")
    cairn("ann", "note", "Songs")
    cairn("bea", "add", "Buy gas")
    for who in ("ann", "bea"):
        cairn(who, "stock", "reserve", "Hut tent", "1", "--space", "Trip")
    asked = {who: {" ".join(q): cairn(who, *q) for q in ASKED} for who in ("ann", "bea")}
    return {"url": url, "said": asked, "shown": cairn("ann", "show", boots)}


def refuse_name_of_here(folder: Path, name: str) -> None:
    """Stop where the name of this computer got into what is to be kept.

    A short name comes up by chance among keys and hashes: then only texts are looked at.

    Raises:
        SystemExit: a file has it.
    """
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for path in sorted(path for path in folder.rglob("*") if name and path.is_file()):
        has_name = (
            name.encode() in path.read_bytes()
            if len(name) >= NAME_CHARS_BY_NO_CHANCE
            else word.search(_texts_of(path))
        )
        if has_name:
            raise SystemExit(f"{path.name} names this computer.")


def _texts_of(path: Path) -> str:
    if path.suffix != ".db":
        return path.read_text(encoding="utf-8", errors="replace")
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as conn:
        return "\n".join(conn.iterdump())


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return None if entry.name.endswith((".lock", ".log", "-wal", "-shm")) else entry


if __name__ == "__main__":
    main()
