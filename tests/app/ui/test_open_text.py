"""A text box while others write: the text changes around caret and selection, and nothing is lost.

The page is played: it draws what it is pushed when the test lets it, and says what it has by then.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from app.ui.drafts import Drafts
from app.ui.open_text import Ears, News, OpenText
from app.ui.page_text import BEATS, LetGo, Push
from store.commands.patches import Patch
from store.domain.ids import DocId
from store.replica import Replica
from tests.support.flet_harness import open_replica

TEXT = "one two six"


class Box:
    """A box on a note of Bea's, and another process of hers on the same home."""

    def __init__(self, replica: Replica, beside: Replica, doc: DocId) -> None:
        self.replica, self.beside, self.doc = replica, beside, doc
        self.moved = asyncio.Event()
        self.pushes: list[Push] = []
        self.let_goes: list[LetGo] = []
        self.heard: list[News] = []
        self.complaints: list[Exception] = []
        self.opened = OpenText(
            "box",
            doc,
            Drafts(replica),
            Ears(
                self._draw,
                self.let_goes.append,
                self.heard.append,
                self.complaints.append,
            ),
            flush_after_s=0.05,
            held_s=600,  # a test lets go by itself
        )
        self.serving = asyncio.ensure_future(self.opened.serve(self.moved))

    def _draw(self, push: Push) -> None:
        """Send the page a push at once."""
        self.pushes.append(push)
        self.opened.draw()

    def caret(self, base: int, extent: int | None = None) -> None:
        """Click into the box."""
        self.opened.has_keyboard = True
        self.opened.selected(base, base if extent is None else extent)

    async def remote(self, text: str) -> Push:
        """The other process makes the text say this; gives what the box is pushed."""
        before = len(self.pushes)
        await asyncio.to_thread(self.beside.edit, self.doc, Patch(body=text))
        self.moved.set()
        await self.until(lambda: len(self.pushes) > before)
        return self.pushes[-1]

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110 - any thing may be waited for
                await asyncio.sleep(0.002)

    async def stored(self, text: str) -> None:
        await self.until(lambda: self.replica.note(self.doc).body == text)


@pytest.fixture
async def box(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Box]:
    with open_replica(tmp_path / "home", "Bea", "phone") as replica:
        doc = replica.add_note("Plan", body=getattr(request, "param", TEXT))
        with Replica.open(tmp_path / "home") as beside:
            made = Box(replica, beside, doc)
            await made.until(lambda: made.pushes)
            yield made
            made.serving.cancel()
            await asyncio.gather(made.serving, return_exceptions=True)
            await made.opened.end()
            assert made.complaints == []


@pytest.mark.parametrize(
    ("caret", "merged", "expected"),
    [
        (8, "zero one two six", 13),  # before the caret
        (3, "one and two six", 3),  # at it: typing goes on where it was
        (3, "one two six ten", 3),  # after it
        (6, "one six", 4),  # across it
        (11, "ONE two six", 11),
    ],
)
async def test_a_caret_stays_where_it_was_in_the_text(
    box: Box, caret: int, merged: str, expected: int
) -> None:
    box.caret(caret)

    push = await box.remote(merged)

    assert (push.text, push.selection) == (merged, (expected, expected))


@pytest.mark.parametrize(
    ("selection", "merged", "expected"),
    [
        ((4, 7), "zero one two six", (9, 12)),  # before it
        ((4, 7), "one two or six", (4, 7)),  # behind it
        ((4, 7), "one XtwoY six", (5, 8)),  # at both ends: outside
        ((4, 7), "one t-w-o six", (4, 9)),  # inside: selected too
        ((7, 4), "one t-w-o six", (9, 4)),  # backwards
        ((4, 7), "one six", (4, 4)),  # all of it gone
        ((2, 9), "one six", (2, 5)),
    ],
)
async def test_a_selection_stays_on_what_was_selected(
    box: Box, selection: tuple[int, int], merged: str, expected: tuple[int, int]
) -> None:
    box.caret(*selection)

    push = await box.remote(merged)

    assert (push.text, push.selection) == (merged, expected)


@pytest.mark.parametrize("box", ["🧗 up 🏔 there"], indirect=True)
async def test_the_page_counts_an_emoji_as_two(box: Box) -> None:
    box.caret(6, 9)  # `🏔 ` in UTF-16 units: behind `🧗 up `, which is six of them

    push = await box.remote("🧗🧗 up 🏔🏔 there")

    assert push.selection is not None
    units = push.text.encode("utf-16-le")
    base, extent = push.selection
    assert units[2 * base : 2 * extent].decode("utf-16-le").endswith("🏔 ")


async def test_a_box_without_the_keyboard_gets_no_caret(box: Box) -> None:
    push = await box.remote("zero one two six")

    assert push.selection is None


async def test_a_keystroke_on_its_way_is_carried_over_with_its_caret(box: Box) -> None:
    box.caret(11)
    await box.remote("zero one two six")

    box.opened.typed("one two six!")  # made before the page had the other words
    box.opened.selected(12, 12)

    assert box.pushes[-1].text == "zero one two six!"
    assert box.pushes[-1].selection == (17, 17)
    assert box.opened.selection == (17, 17)
    await box.stored("zero one two six!")


async def test_keys_on_their_way_stay_in_their_order(box: Box) -> None:
    box.caret(3)
    await box.remote("zero one two six")

    for typed in ("oneA two six", "oneAB two six"):  # on the text before
        box.opened.typed(typed)
    box.opened.typed("zero oneAC two six")  # on what was pushed after the first key
    box.opened.typed("zero oneABCD two six")  # on what was pushed last

    assert box.opened.text == "zero oneABCD two six"
    await box.stored("zero oneABCD two six")


async def test_where_the_caret_is_with_a_key_does_not_count_before_its_text_is_known(
    box: Box,
) -> None:
    box.caret(3)
    await box.remote("zero one two six")
    box.opened.typed("oneA two six")  # on the text before
    box.opened.selected(10, 10)  # on the text that was pushed first, with the key below

    box.opened.typed("zero oneB two six")

    assert box.opened.text == "zero oneAB two six"
    assert box.opened.selection == (10, 10)


async def test_a_page_that_lost_the_text_to_a_key_but_took_the_caret_is_understood(
    box: Box,
) -> None:
    box.caret(3)
    push = await box.remote("zero one two six")
    assert push.selection == (8, 8)

    box.opened.typed("oneA two six")  # the key's text, as the page has it, wins over what was sent
    box.opened.typed("oneA two Bsix")  # the caret of the push came after all: at 9 by now
    box.opened.typed("oneA two BCsix")

    assert box.opened.text == "zero oneABC two six"
    assert box.opened.selection == (11, 11)


async def test_a_keystroke_that_makes_the_same_text_as_others_did_is_not_lost(box: Box) -> None:
    box.caret(11)
    await box.remote("one two six!")

    box.opened.typed("one two six!")  # on the text before, which then reads alike

    await box.stored("one two six!!")


async def test_a_keystroke_on_the_new_text_is_taken_as_it_is(box: Box) -> None:
    box.caret(11)
    await box.remote("zero one two six")

    box.opened.typed("zero one two six!")

    assert box.opened.text == "zero one two six!"
    await box.stored("zero one two six!")


async def test_what_moves_the_caret_while_a_push_is_drawn_is_made_good(box: Box) -> None:
    box.caret(3)
    push = await box.remote("zero one two six")

    box.opened.selected(7, 7)  # a click on the text before

    box.opened.let_go()
    assert box.let_goes == [LetGo(push.number, (12, 12))]


async def test_once_the_page_has_drawn_a_push_the_caret_is_its_own(box: Box) -> None:
    box.caret(3)
    push = await box.remote("zero one two six")
    box.opened.drew((push.number + 1) % BEATS)  # of another push
    assert box.opened.is_held

    box.opened.drew(push.number % BEATS)
    box.opened.selected(16, 16)  # to the end, by hand

    assert box.let_goes == [LetGo(push.number, None)]
    assert box.opened.selection == (16, 16)
    assert box.pushes[-1] == push


async def with_a_push_drawn(box: Box) -> None:
    """The caret stands behind “one”, the page has drawn what came and hears no more of it yet."""
    box.caret(3)
    push = await box.remote("zero one two six")
    box.opened.drew(push.number % BEATS)


async def test_a_caret_that_the_page_put_back_tears_nothing_apart(box: Box) -> None:
    await with_a_push_drawn(box)
    box.opened.typed("zero oneA two six")  # the page tells no caret with it

    box.opened.selected(9, 9)
    box.opened.typed("zero oneBA two six")  # at 8, where the push had the caret
    box.opened.typed("zero oneBCA two six")

    assert box.opened.text == "zero oneABC two six"
    assert box.opened.selection == (11, 11)
    assert box.pushes[-1].selection == (11, 11)
    await box.stored("zero oneABC two six")


async def test_a_caret_that_was_put_back_before_the_page_tells_any_is_known_too(box: Box) -> None:
    await with_a_push_drawn(box)

    for typed in ("zero oneA two six", "zero oneAB two six", "zero oneCAB two six"):
        box.opened.typed(typed)

    assert box.opened.text == "zero oneABC two six"


async def test_what_is_typed_before_the_page_hears_of_a_move_goes_where_one_moved(
    box: Box,
) -> None:
    box.caret(3)
    push = await box.remote("zero one two six")
    box.opened.selected(7, 7)  # an arrow on the text before, behind “two”: at 12 by now
    box.opened.drew(push.number % BEATS)

    box.opened.typed("zero oneA two six")  # where the push had the caret
    box.opened.selected(12, 12)  # the page hears of the move
    box.opened.typed("zero oneA twoB six")

    assert box.opened.text == "zero one twoAB six"
    assert box.opened.selection == (14, 14)


async def test_a_caret_that_was_moved_back_by_a_key_stays_there(box: Box) -> None:
    await with_a_push_drawn(box)
    pressed = 0
    box.opened.moves = lambda: pressed
    box.opened.typed("zero oneA two six")

    pressed = 1  # an arrow key, of which the page tells no caret yet
    box.opened.typed("zero oneBA two six")

    assert box.opened.text == "zero oneBA two six"


async def test_a_caret_that_was_moved_back_by_hand_stays_there(box: Box) -> None:
    await with_a_push_drawn(box)
    box.opened.typed("zero oneA two six")

    box.opened.selected(8, 8)  # a click
    box.opened.selected(9, 9)
    box.opened.typed("zero oneBA two six")

    assert box.opened.text == "zero oneBA two six"


async def test_who_edited_how_many_places_is_told(box: Box) -> None:
    push = await box.remote("zero one two 6")

    await box.until(lambda: box.heard)
    (news,) = box.heard
    assert news.writers == (("Bea", "phone"),)
    assert [news.text[place.start : place.end] for place in news.places] == ["zero ", "6"]
    assert push.text == news.text


async def test_nothing_around_the_box_moves_while_a_push_is_held(box: Box) -> None:
    box.caret(3)
    push = await box.remote("zero one two six")
    await box.until(lambda: box.opened.news_waiting)
    assert box.heard == []

    box.opened.typed("zero one! two six")  # so it is drawn

    assert box.let_goes == [LetGo(push.number, None)]
    assert [news.text for news in box.heard] == ["zero one two six"]


async def test_ones_own_typing_is_no_news(box: Box) -> None:
    box.caret(11)
    box.opened.typed("one two six four")

    await box.stored("one two six four")

    assert box.heard == []


async def test_a_text_that_is_replaced_from_beside_the_box_is_saved_as_any_other(box: Box) -> None:
    box.caret(11)

    box.opened.replace("- [x] one two six")

    assert box.pushes[-1].selection == (17, 17)
    await box.stored("- [x] one two six")
    assert box.heard == []
