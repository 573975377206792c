"""A note in which one types while others edit it: `python -m tests.journeys.typing_apart`.

The keyboard is Chromium's and the page is the app's; what others write comes to the same home by
another process, at moments that nothing agrees with the keys. Typed signs, signs of others and the
signs that were there are three alphabets, so the end says whose each sign is: none of what was
typed is lost, doubled or out of place, none of what others wrote is gone, and the caret stands
where one stopped to type.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from playwright.sync_api import expect

from store.commands.patches import Patch
from store.domain.ids import DocId
from store.replica import Replica
from tests.journeys.people import Company, Person
from tests.support.chromium import WIDE, AppPage, running_chromium

TYPED: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
OTHERS: Final = "".join(chr(0x2460 + number) for number in range(60))
THERE: Final = ["a", "b", "ü", " ", " ", "\n", "🧗", "🏔", "c", "d."]
SETTLED_S_MAX: Final = 40.0
SMALL: Final = (560, 640)

_CARET: Final = "[document.activeElement.selectionStart, document.activeElement.selectionEnd]"


@dataclass
class Story:
    """What happened in one run.

    Attributes:
        base: the text at its beginning.
        bursts: what was typed, each without moving the caret in between.
        removed: what others took out.
        put_in: what others put in.
    """

    base: str
    bursts: list[str] = field(default_factory=list)
    removed: Counter[str] = field(default_factory=Counter)
    put_in: str = ""

    def lost(self, text: str) -> Iterator[str]:
        """Say which signs are lost or doubled in the text at its end."""
        for sign in "".join(self.bursts) + self.put_in:
            if text.count(sign) != 1:
                yield f"{sign} is there {text.count(sign)} times"
        left = "".join(sign for sign in text if sign not in OTHERS + TYPED)
        if Counter(left) != Counter(self.base) - self.removed:
            yield "signs that were there are lost or doubled"

    def displaced(self, text: str, caret: list[int]) -> Iterator[str]:
        """Say what is out of place in the text at its end; `caret` is two UTF-16 offsets."""
        typed = "".join(self.bursts)
        without = "".join(sign for sign in text if sign not in OTHERS)
        for number, burst in enumerate(self.bursts):
            later = "".join(self.bursts[number + 1 :])  # may be typed into the midst of it
            if burst not in "".join(sign for sign in without if sign not in later):
                yield f"{burst} is torn apart or out of order in {text!r}"
        left = "".join(sign for sign in without if sign not in TYPED)
        rest = iter(self.base)
        if not all(sign in rest for sign in left):
            yield "signs that were there changed places"
        place = len(text[: text.find(typed[-1]) + 1].encode("utf-16-le")) // 2
        if caret != [place, place]:
            yield f"the caret is at {caret}, and one stopped to type at {place}"


class Desk:
    """A page with a note open, and another process on the same home."""

    def __init__(self, page: AppPage, beside: Replica, doc: DocId) -> None:
        self.page, self.beside, self.doc = page, beside, doc
        self.box = page.field("Text")

    def run(self, seed: int) -> tuple[list[str], list[str]]:
        """Let one story happen; gives what was lost or doubled at its end, and what displaced."""
        chance = Random(seed)
        story = Story("".join(chance.choices(THERE, k=chance.randint(20, 80))))
        self.beside.edit(self.doc, Patch(body=story.base))
        expect(self.box).to_have_value(story.base)
        self.page.page.wait_for_timeout(300)  # until the caret is the page's own again
        keys = self.page.page.keyboard
        keys.press("Control+Home")
        for _ in range(chance.randint(0, 15)):
            keys.press("ArrowRight")
        signs, others = iter(TYPED), iter(OTHERS)
        for number in range(chance.randint(2, 4)):
            if number:
                self._between(chance)
            story.bursts.append("")
            for _ in range(chance.randint(2, 6)):
                if chance.random() < 0.4:
                    self._others(chance, story, next(others))
                sign = next(signs)
                keys.type(sign)
                story.bursts[-1] += sign
                if chance.random() < 0.5:
                    self.page.page.wait_for_timeout(chance.randint(0, 200))
        if chance.random() < 0.5:
            self._others(chance, story, next(others))
        text = self._settled()
        caret = self.page.page.evaluate(_CARET)
        return list(story.lost(text)), list(story.displaced(text, caret))

    def _between(self, chance: Random) -> None:
        """Pause, or move the caret."""
        if chance.random() < 0.5:
            self.page.page.wait_for_timeout(chance.randint(0, 1_500))
            return
        key = chance.choice(("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"))
        for _ in range(chance.randint(1, 4)):
            self.page.page.keyboard.press(key)

    def _others(self, chance: Random, story: Story, sign: str) -> None:
        """Put something in somewhere, and perhaps take out something that was there."""
        text, heads = self._stored()
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.choice((0, 0, 1, 4, 9)))
        gone = text[start:end]
        if any(each in TYPED or each in OTHERS for each in gone):
            gone = ""
        story.removed += Counter(gone)
        story.put_in += sign
        changed = text[:start] + sign + text[start + len(gone) :]
        self.beside.edit(self.doc, Patch(body=changed, body_base=heads))

    def _stored(self) -> tuple[str, tuple[bytes, ...]]:
        """Read the text with its heads at one moment; a draft is not among what others see."""
        with self.beside._lock, self.beside.db.read() as conn:
            doc = self.beside._open(conn, self.doc)
            return doc.state().body, doc.heads

    def _settled(self) -> str:
        """Wait until nothing is a draft any more and page and store say the same, twice."""
        until = time.monotonic() + SETTLED_S_MAX
        before = None
        while time.monotonic() < until:
            shown, stored = self.box.input_value(), self.beside.note(self.doc).body
            with self.beside.db.read() as conn:
                (drafts,) = conn.execute("SELECT count(*) FROM draft").fetchone()
            if shown == stored == before and not drafts:
                return shown
            before = shown if shown == stored and not drafts else None
            self.page.page.wait_for_timeout(600)  # longer than the app takes to hear of a change
        raise AssertionError(f"page and store do not agree: {shown!r} and {stored!r}")


def opened_desk(
    company: Company, person: Person, beside: Replica, size: tuple[int, int] = WIDE
) -> Desk:
    """Open a note in a page, with the keyboard in its text; `beside` is on the person's home."""
    doc = beside.add_note("Plan", body="Plan")
    page = company.opens(person, size=size)
    page.go("Notes")
    page.press("Plan")
    page.field("Text").click()
    page.until(page.is_typed_in)
    page.page.wait_for_timeout(500)  # until the engine hears the keyboard
    return Desk(page, beside, doc)


def main() -> int:
    """Run stories; 1 if one of them went wrong."""
    options = argparse.ArgumentParser(prog="python -m tests.journeys.typing_apart")
    options.add_argument("--runs", type=int, default=20)
    options.add_argument("--seed", type=int, default=0, help="the first seed")
    options.add_argument("--small", action="store_true", help="a small page: cheaper to draw")
    given = options.parse_args()
    lost, displaced = [], []
    began = time.perf_counter()
    with (
        running_chromium() as browser,
        tempfile.TemporaryDirectory() as folder,
        Company(browser, Path(folder)) as company,
    ):
        person = company.person("Ann")
        with Replica.open(person.home) as beside:
            size = SMALL if given.small else WIDE
            desk = opened_desk(company, person, beside, size)
            for seed in range(given.seed, given.seed + given.runs):
                faults, places = desk.run(seed)
                lost += [seed] if faults else []
                displaced += [seed] if places else []
                print(f"seed {seed}: {'; '.join(faults + places) or 'well'}", flush=True)
    took = time.perf_counter() - began
    told = f"lost or doubled: {lost or 'none'}, out of place: {displaced or 'none'}"
    print(f"{given.runs} runs in {took:.0f} s, {told}")
    return 1 if lost or displaced else 0


if __name__ == "__main__":
    sys.exit(main())
