"""What is measured with: notes of 150 words, small tasks, homes that hold thousands of them."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

from store.imports import ImportItem
from store.replica import Replica

_SYLLABLES = [
    "ka",
    "lo",
    "mi",
    "ren",
    "tas",
    "vor",
    "ul",
    "ba",
    "ste",
    "fin",
    "gra",
    "hoo",
    "pel",
    "dun",
    "ost",
    "ri",
]


def sentence(rng: random.Random, words: int) -> str:
    """So many words that no dictionary has, of one to four syllables."""
    return " ".join(
        "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(1, 4))) for _ in range(words)
    )


def write_folder(folder: Path, notes: int) -> None:
    """A folder of Markdown notes of 150 words, fifty to a subfolder."""
    rng = random.Random(1)
    for number in range(notes):
        below = folder / f"part-{number // 50}"
        below.mkdir(parents=True, exist_ok=True)
        text = f"# {sentence(rng, 4)}\n\n{sentence(rng, 75)}.\n\n{sentence(rng, 75)}.\n"
        (below / f"note-{number}.md").write_text(text)


def tasks(count: int) -> Iterator[ImportItem]:
    """Tasks with some fields each."""
    rng = random.Random(2)
    for number in range(count):
        title = f"{sentence(rng, 5)} {number}"
        yield ImportItem(
            kind="task",
            source=f"tasks/{number}",
            content_hash=hashlib.sha256(title.encode()).digest(),
            title=title,
            body="",
            tags=(rng.choice(("climb", "kitchen", "car")),),
            fields={"priority": rng.choice(("low", "high", None)), "due": "2026-12-24"},
            state="open",
        )


def notes(count: int) -> Iterator[ImportItem]:
    """Notes of 150 words."""
    rng = random.Random(3)
    for number in range(count):
        body = sentence(rng, 150)
        yield ImportItem(
            kind="note",
            source=f"notes/{number}",
            content_hash=hashlib.sha256(body.encode()).digest(),
            title=f"{sentence(rng, 3)} {number}",
            body=body,
        )


def home_with(folder: Path, *, task_count: int = 0, note_count: int = 0) -> Replica:
    """A home that holds so many."""
    replica = Replica.open(folder)
    replica.import_items(None, tasks(task_count))
    replica.import_items(None, notes(note_count))
    return replica
