"""A Chromium without a window, and the app's page in it as a person finds their way: by names.

The page is drawn on a canvas; beside it stands a tree of roles and names for screen readers, which
is what these tests use. It is asked for the way a screen reader asks.
"""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Literal

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ENGINE_MS_MAX: Final = 90_000
WAIT_MS_MAX: Final = 30_000  # of a small machine that does other things too
WIDE: Final = (1280, 800)
NARROW: Final = (390, 844)
# A phone: fingers instead of a mouse, and a name that the engine takes for Android's.
PHONE: Final[dict[str, Any]] = {
    "has_touch": True,
    "is_mobile": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36",
}

_TRIES: Final = 5
_NAMELESS: Final = re.compile(
    r"- '?(button|textbox|checkbox|tab|link|switch|combobox|radio|slider|menuitem)\b(?! [\"/])"
)
_TAKEN_IN_MS_MAX: Final = 2_000
_TURNS_MAX: Final = 40
_TABS_MAX: Final = 80
_TABS_LATE: Final = 3
_FOCUSED: Final = """
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
"""
_FOCUSED_NAME: Final = f"""() => {{ {_FOCUSED}
    if (!at?.closest('flt-semantics')) return '';  // the page itself, between two
    return at ? (at.getAttribute('aria-label') || at.textContent || '') : '';
}}"""
_FIELD_FOCUSED: Final = f"""() => {{ {_FOCUSED}
    return ['INPUT', 'TEXTAREA'].includes(at?.tagName);
}}"""
_STILL_TURNS: Final = 3
_TURN_MS: Final = 150  # for what was scrolled into view to get its names
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# On a desktop the switch is one pixel outside of the page, so that no mouse finds it. On a phone it
# lies over the whole page and takes a tap in its middle, as a screen reader makes it, and no other.
_ASK_FOR_NAMES: Final = """() => {
    const button = document.querySelector('flt-semantics-placeholder');
    const {left, top, width, height} = button.getBoundingClientRect();
    const middle = {clientX: left + width / 2, clientY: top + height / 2, bubbles: true};
    button.dispatchEvent(new MouseEvent('click', middle));
}"""

Scheme = Literal["light", "dark"]
Name = str | re.Pattern[str]


def chromium_path() -> str:
    """Find the Chromium that `make test` names, or one on the path; without one the tests fail."""
    found = os.environ.get("CAIRN_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    assert found, "the journeys need Chromium: run them by `make test`, which installs it"
    return found


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Start a browser, and end it with the block."""
    expect.set_options(timeout=WAIT_MS_MAX)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


class AppPage:
    """The app open in one tab; everything on it is found by role and name.

    Attributes:
        outside: addresses that the page asked for and that are not the app's own.
        missing: paths of the app's own that were answered with an error.
        asked: how often each path was asked for.
    """

    def __init__(
        self,
        browser: Browser,
        url: str,
        *,
        size: tuple[int, int] = WIDE,
        scheme: Scheme = "light",
        device: Mapping[str, Any] | None = None,
    ) -> None:
        """Open the app at its address, and wait until it is drawn; `device` as Playwright's."""
        width, height = size
        self._has_touch = bool(device and device.get("has_touch"))
        self._context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            locale="en-GB",
            **(device or {}),
        )
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(WAIT_MS_MAX)
        self.outside: list[str] = []
        self.missing: list[str] = []
        self.asked: dict[str, int] = {}
        origin = url.split("/", 3)[2]
        self.page.on("request", lambda request: self._note(request.url, origin))
        self.page.on("response", self._note_answer)
        self._engine_at_s = 0.0
        self.page.goto(url)
        self._show_names()

    def since_engine_s(self) -> float:
        """Seconds since the engine had drawn its first frame."""
        return time.perf_counter() - self._engine_at_s

    def close(self) -> None:
        """Close the tab."""
        self._context.close()

    def reload(self) -> None:
        """Load the page anew."""
        self.page.reload()
        self._show_names()

    # -- finding --------------------------------------------------------------------------------

    def button(self, name: Name) -> Locator:
        """A button; what one taps to open a row is one too."""
        return self.page.get_by_role("button", name=name).first

    def field(self, name: str) -> Locator:
        """A text field."""
        return self.page.get_by_role("textbox", name=name, exact=True)

    def box(self, name: str) -> Locator:
        """A check box."""
        return self.page.get_by_role("checkbox", name=name)

    def text(self, text: str) -> Locator:
        """Something that says this, be it its text or its name."""
        said = self.page.get_by_text(text)
        return said.or_(self.page.get_by_label(text)).first

    def sees(self, text: str) -> None:
        """Wait until the page says something."""
        expect(self.text(text)).to_be_attached()

    def sees_no(self, text: str) -> None:
        """Wait until the page says something no more."""
        expect(self.text(text)).not_to_be_attached()

    # -- doing ----------------------------------------------------------------------------------

    def press(self, name: Name) -> None:
        """Press a button."""
        self.button(name).click()

    def go(self, screen: str) -> None:
        """Go to a screen by the rail or bar, on a phone by the page behind “More” too.

        Waits until it is drawn: a click on what is just replaced is lost.
        """
        there = self._way_to(screen).or_(self._way_to("More"))
        expect(there.first).to_be_attached()
        if self._way_to(screen).count() == 0:
            self._way_to("More").first.click()
        self._way_to(screen).first.click()
        if screen != "Tasks":  # the heading there names the view
            heading = self.page.get_by_role("heading", name=screen, exact=True)
            expect(heading.first).to_be_attached()

    def _way_to(self, screen: str) -> Locator:
        # Beside the screen's own name stand the badge's number and, in the rail, its place.
        name = re.compile(rf"^(\d+\s)?{screen}(\sTab \d+ of \d+)?$")
        beside = self.page.get_by_role("button", name=name)
        return beside.or_(self.page.get_by_role("tab", name=name))

    def write(self, field: str, text: str) -> None:
        """Put a text into a field in place of what is there, by the keyboard.

        The engine takes a moment after a click until it hears the keyboard; a key pressed sooner,
        which no hand could, is not taken in. So what stands there is looked at, as a person would.
        """
        for _ in range(_TRIES):
            if self._has_touch:
                self.field(field).tap()
            else:
                self.field(field).click()
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.type(text)
            try:
                expect(self.field(field)).to_have_value(text, timeout=_TAKEN_IN_MS_MAX)
            except AssertionError:
                continue
            return
        expect(self.field(field)).to_have_value(text)

    def typed(self, text: str) -> None:
        """Type into what has the keyboard, once it hears it."""
        self.until(self.is_typed_in)
        self.page.keyboard.type(text)

    def is_typed_in(self) -> bool:
        """Whether a field has the keyboard."""
        return bool(self.page.evaluate(_FIELD_FOCUSED))

    def tab_to(self, name: str) -> None:
        """Press Tab until something of this name has the keyboard.

        On a slow machine a Tab may be on its way still as the one before it is looked at.
        """
        for _ in range(_TABS_MAX):
            self.page.keyboard.press("Tab")
            self.page.wait_for_timeout(_TURN_MS)
            if not self._has_keyboard(name):
                continue
            self.page.wait_for_timeout(_TABS_LATE * _TURN_MS)
            if self._has_keyboard(name):
                return
        raise AssertionError(f"{name!r} is not reached by Tab")

    def _has_keyboard(self, name: str) -> bool:
        return name in str(self.page.evaluate(_FOCUSED_NAME))

    def resize(self, size: tuple[int, int]) -> None:
        """Make the window another size."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds that is no text of the page.

        Not by Playwright's `wait_for_function`: its second look is forbidden by the page's policy.
        """
        for _ in range(WAIT_MS_MAX // _TURN_MS):
            if holds():
                return
            self.page.wait_for_timeout(_TURN_MS)
        raise AssertionError("it does not come to hold")

    def rests(self) -> None:
        """Wait until the page asks for nothing more."""
        self.page.wait_for_load_state("networkidle")

    def enter(self, field: str, text: str) -> None:
        """The same, and Enter."""
        self.write(field, text)
        self.page.keyboard.press("Enter")

    def scroll_to(self, text: str) -> Iterator[None]:
        """Turn the wheel until the page says something; gives a turn to look after each.

        What stands above it may still be on its way, and push it out again when it comes: so it
        counts once nothing has moved for a while.
        """
        size = self.page.viewport_size
        assert size is not None, "it was given"
        self.page.mouse.move(size["width"] / 2, size["height"] / 2)
        for _ in range(_TURNS_MAX):
            yield
            if self.text(text).count():
                self._stands_still()
                if self.text(text).count():
                    return
            self.page.mouse.wheel(0, size["height"] * 0.6)
            self.page.wait_for_timeout(_TURN_MS)
        raise AssertionError(f"{text!r} is not on this page")

    def _stands_still(self) -> None:
        still, before = 0, ""
        for _ in range(_TURNS_MAX):
            self.page.wait_for_timeout(_TURN_MS)
            now = self._tree()
            still, before = (still + 1 if now == before else 0), now
            if still == _STILL_TURNS:
                return
        raise AssertionError("this page never stands still")

    def _tree(self) -> str:
        return self.page.locator("flt-semantics-host").aria_snapshot()

    def nameless(self) -> list[str]:
        """What can be acted on, on this screen, and has no name; as lines of the tree of roles."""
        lines = [line.strip() for line in self._tree().splitlines()]
        return [line for line in lines if _NAMELESS.match(line)]

    # -- inside ---------------------------------------------------------------------------------

    def _show_names(self) -> None:
        self.page.wait_for_selector(
            "flt-semantics-placeholder", state="attached", timeout=ENGINE_MS_MAX
        )
        self._engine_at_s = time.perf_counter()
        self.page.evaluate(_ASK_FOR_NAMES)
        self.page.wait_for_selector(
            "flt-semantics-host flt-semantics", state="attached", timeout=ENGINE_MS_MAX
        )

    def _note(self, url: str, origin: str) -> None:
        if url.startswith(("data:", "blob:")):
            return
        path = "/" + "/".join(url.split("/")[4:])
        self.asked[path] = self.asked.get(path, 0) + 1
        if url.split("/", 3)[2] != origin:
            self.outside.append(url)

    def _note_answer(self, response: Any) -> None:
        if response.status >= 400:
            self.missing.append(response.url)
