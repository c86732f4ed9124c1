"""The page in Chromium: nothing is loaded, nothing is complained of, it is to be used by keyboard and read by everyone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from conformance.recording import Recording
from conformance.report.html.page import render
from tests.reports.html.conftest import Judged
from tests.reports.html.judged import BROKEN, HOSTILE, report_of
from tests.reports.html.test_page import hostile
from tests.reports.html.tools import chromium, npm_packages
from tests.reports.made import NASTY

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is in the extra [test]")

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
SLOWEST_MS = 20_000
"""Of one step in the browser, on a busy machine."""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NOT_IN_VIEW = """el => { const box = el.getBoundingClientRect();
  return box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth; }"""


@pytest.fixture(scope="module")
def browser(baseline: Recording, judged: Callable[[str], Judged]) -> Iterator[Any]:
    """Chromium. While it is driven this thread has a running event loop, so whatever is to be played is played before."""
    path = chromium()
    assert baseline.exchanges
    for name in (*BROKEN, *HOSTILE):
        judged(name)
    with playwright.sync_playwright() as started:
        # Root, as in a container, has no sandbox of Chromium's; what is opened is a file that was just written here.
        opened = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def axe() -> str:
    return (npm_packages() / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@dataclass
class Opened:
    """A page in a tab of its own; ``said``: its console and errors; ``asked``: the addresses it asked for."""

    tab: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def violations(self, axe: str) -> list[str]:
        """What axe-core finds, and where; the rules of WCAG 2.2 AA and of good practice."""
        # In a world of its own: the page's policy lets no script of ours in, and shall not.
        self.tab.context.new_cdp_session(self.tab).send("Page.setBypassCSP", {"enabled": True})
        self.tab.reload()
        self.tab.evaluate(axe)
        found = self.tab.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", TAGS)
        return [f"{one['id']}: {node['target']}" for one in found["violations"] for node in one["nodes"][:3]]

    @property
    def focused(self) -> str:
        return str(self.tab.evaluate("document.activeElement.id || document.activeElement.tagName"))

    def tab_to(self, selector: str, most: int = 200) -> None:
        """Press Tab until that element has the focus."""
        for _ in range(most):
            self.tab.keyboard.press("Tab")
            if self.tab.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not reached by keyboard")

    def shown(self) -> set[str]:
        """The ids of the requirements that are to be seen."""
        return set(
            self.tab.evaluate("[...document.querySelectorAll('article')].filter(a => a.offsetParent).map(a => a.id)")
        )


Open = Callable[..., Opened]


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Open]:
    contexts: list[Any] = []

    def get(text: str, size: dict[str, int] = WIDE, scheme: str = "light", anchor: str = "", **more: Any) -> Opened:
        path = tmp_path / "report.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(viewport=size, color_scheme=scheme, **more)
        context.set_default_timeout(SLOWEST_MS)
        contexts.append(context)
        one = Opened(context.new_page())
        one.tab.on("console", lambda message: one.said.append(message.text))
        one.tab.on("pageerror", lambda error: one.said.append(str(error)))
        one.tab.on("dialog", lambda dialog: one.said.append(f"dialog {dialog.message}"))
        one.tab.on("request", lambda request: one.asked.append(request.url))
        one.tab.goto(path.as_uri() + anchor)
        return one

    yield get
    for context in contexts:
        context.close()


def quiet(one: Opened) -> None:
    """Nothing was said and nothing asked for but the page itself, and it fits its window."""
    assert one.said == []
    assert {url.partition("#")[0] for url in one.asked} == {one.tab.url.partition("#")[0]}
    assert one.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", BROKEN)
def test_the_page_of_a_broken_server(opened: Open, judged: Callable[[str], Judged], axe: str, name: str) -> None:
    played, report = judged(name)
    text = render(report, played)
    # All four looks over the five pages.
    looks = {"cursor": [(WIDE, "light"), (NARROW, "dark")], "limit": [(NARROW, "light")]}
    for size, scheme in looks.get(name, [(WIDE, "dark")]):
        one = opened(text, size, scheme)
        quiet(one)
        assert one.violations(axe) == []
        quiet(one)


def test_the_page_of_a_right_server(opened: Open, baseline: Recording, axe: str) -> None:
    one = opened(render(report_of(baseline), baseline), NARROW)
    quiet(one)
    timing = one.tab.evaluate("performance.getEntriesByType('navigation')[0].toJSON()")
    assert timing["loadEventEnd"] < 5_000, "a second on an idle machine; this one may be busy"
    assert one.violations(axe) == []


def test_hostile_text_does_nothing(opened: Open, axe: str) -> None:
    everything = opened(render(*hostile("\n".join(NASTY[:-1]))), NARROW, "dark")
    quiet(everything)
    assert everything.violations(axe) == []
    quiet(opened(render(*hostile(NASTY[-1])), NARROW))


@pytest.mark.parametrize("name", HOSTILE)
def test_the_page_of_a_hostile_server(opened: Open, judged: Callable[[str], Judged], axe: str, name: str) -> None:
    played, report = judged(name)
    one = opened(render(report, played), NARROW, "dark")
    quiet(one)
    assert one.violations(axe) == []


def test_the_filters_work_by_keyboard(opened: Open, judged: Callable[[str], Judged]) -> None:
    played, report = judged("cursor")
    by = {one["id"]: (one["outcome"], one["level"]) for one in report["requirements"]}
    one = opened(render(report, played))
    assert one.shown() == set(by)
    one.tab_to("input[name=outcome][value=failed]")
    one.tab.keyboard.press("Space")
    assert one.shown() == {id for id, (outcome, _) in by.items() if outcome != "failed"}
    one.tab_to("#filter-level")
    one.tab.keyboard.press("M")
    assert one.shown() == {id for id, (outcome, level) in by.items() if outcome != "failed" and level == "MUST"}
    one.tab_to("#filter-reset")
    one.tab.keyboard.press("Enter")
    assert one.shown() == set(by)
    one.tab.keyboard.press("Shift+Tab")
    assert one.focused == "filter-text"
    one.tab.keyboard.type("Last-Event-Id")
    assert "CUR-03" in one.shown()
    assert one.shown() < set(by)
    assert f"{len(one.shown())} of {len(by)}" in one.tab.inner_text("#filter-count")
    quiet(one)


def test_anchors_lead_to_the_requirement_and_to_the_place_in_the_picture(
    opened: Open, judged: Callable[[str], Judged]
) -> None:
    played, report = judged("cursor")
    one = opened(render(report, played), anchor="#CUR-01")
    assert one.focused == "CUR-01"
    one.tab_to("a[href^='#place-']")
    place = one.tab.evaluate("document.activeElement.getAttribute('href')")
    one.tab.keyboard.press("Enter")
    one.tab.wait_for_function("selector => document.querySelector(':target')?.matches(selector)", arg=place)
    assert not one.tab.eval_on_selector(place, NOT_IN_VIEW)
    above = one.tab.eval_on_selector(place, "el => el.getBoundingClientRect().top")
    assert above > 150, "the lanes and the cursors above it are in view, too"
    quiet(one)


def test_an_anchor_to_what_is_filtered_away_shows_it_again(opened: Open, judged: Callable[[str], Judged]) -> None:
    played, report = judged("cursor")
    one = opened(render(report, played))
    one.tab.fill("#filter-text", "no requirement has these words")
    assert one.shown() == set()
    one.tab.evaluate("location.hash = '#CUR-01'")
    one.tab.wait_for_function("document.activeElement.id === 'CUR-01'")
    assert "CUR-01" in one.shown()


def test_it_is_read_and_printed_without_script(opened: Open, judged: Callable[[str], Judged]) -> None:
    played, report = judged("cursor")
    one = opened(render(report, played), anchor="#CUR-01", java_script_enabled=False)
    assert one.tab.is_visible("#CUR-01")
    assert one.tab.is_visible("#violation-1 .envelopes")
    assert not one.tab.is_visible("#filter")
    one.tab.emulate_media(media="print")
    assert one.tab.is_visible("#CUR-02 .tests"), "what is folded on the screen is on the paper"


def test_the_violation_is_seen_left_of_the_cut(opened: Open, judged: Callable[[str], Judged]) -> None:
    played, report = judged("cursor")
    one = opened(render(report, played))
    box = "el => el.getBoundingClientRect().x"
    span = one.tab.locator(".read.violated[data-requirements~='CUR-01']").first
    session = span.locator("xpath=ancestor::*[name()='svg']")
    cut = session.locator(".cut[data-post$='turn-2/post'] path").first
    assert span.locator(".named[data-requirement='CUR-01']").first.evaluate(box) < cut.evaluate(box)
    assert span.locator(".segment").first.evaluate(box) < cut.evaluate(box)
    assert span.locator(".mark").first.evaluate(box) < span.locator(".named").first.evaluate(box), (
        "its number beside it"
    )
    right = session.locator(".envelope[data-turn='2']").first
    assert cut.evaluate(box) < right.evaluate(box)


def test_what_is_wrong_with_a_page_would_be_seen(opened: Open, axe: str) -> None:
    poor = "<!doctype html><html><title>x</title><p style='color:#aaa;background:#fff'>faint</p><input>"
    assert {one.partition(":")[0] for one in opened(poor).violations(axe)} >= {
        "html-has-lang",
        "label",
        "color-contrast",
    }
    loud = opened("<!doctype html><title>x</title><img src='other.png'><script>console.log('x')</script>")
    assert len(loud.asked) == 2
    assert "x" in loud.said
    wide = opened("<!doctype html><title>x</title><pre>" + "x" * 5000)
    with pytest.raises(AssertionError):
        quiet(wide)
