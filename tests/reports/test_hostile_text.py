"""Whatever a target says stays text: in Markdown, in SARIF, in the badge, on a terminal."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from conformance.report.badge import badge
from conformance.report.difference import difference
from conformance.report.difference_forms import as_json, as_markdown, as_text
from conformance.report.markdown import MAX_CELL, code, summary
from conformance.report.nightly.tidings import tidings
from conformance.report.sarif import MAX_TEXT, sarif
from tests.reports.made import NASTY, report, with_reason

PLAIN = "plain words"
nasty = pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))


class Elements(HTMLParser):
    """What a browser would make of it: the elements, and where they lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.links: set[str | None] = set()
        self.code: list[str] = []
        self._in_code = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self._in_code = tag == "code"
        self.links |= {value for name, value in attrs if name in ("href", "src")}

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._in_code = False

    def handle_data(self, data: str) -> None:
        if self._in_code:
            self.code.append(data)


def markdown_it(text: str) -> str:
    return str(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))


def github(text: str) -> str:
    """With GitHub's own parser, where the machine has it: its tables and its links are GitHub's."""
    cmarkgfm = pytest.importorskip("cmarkgfm", reason="cmarkgfm is not installed")
    options = pytest.importorskip("cmarkgfm.cmark").Options.CMARK_OPT_UNSAFE
    return str(cmarkgfm.github_flavored_markdown_to_html(text, options=options))


def compared(text: str) -> str:
    return as_markdown(difference(report(), with_reason(text)))


def summed_up(text: str) -> str:
    return summary(with_reason(text))


def told(text: str) -> str:
    """The body of the nightly run's issue."""
    news = tidings(report(), with_reason(text), "https://forge.example.net/run")
    assert news is not None
    return news.body


@pytest.mark.parametrize("parser", [markdown_it, github])
@pytest.mark.parametrize("form", [summed_up, compared, told])
@nasty
def test_markdown_has_the_same_elements_whatever_a_target_says(
    text: str, form: Callable[[str], str], parser: Callable[[str], str]
) -> None:
    made, harmless = Elements(parser(form(text))), Elements(parser(form(PLAIN)))
    if text.strip():
        assert made.tags == harmless.tags
    else:
        assert made.tags - harmless.tags == Counter(), "a blank has no code span"
    assert made.links == harmless.links


def test_the_comparison_sees_markup() -> None:
    """The proof of the proof: the same texts without the code span do change the elements."""
    harmless = Elements(markdown_it(f"| {PLAIN} |\n|---|\n| {PLAIN} |\n"))
    for text in ("<b>x</b>", "[a](https://evil.example.net)", "**x**"):
        made = Elements(markdown_it(f"| {PLAIN} |\n|---|\n| {text} |\n"))
        assert made.tags != harmless.tags


@nasty
def test_a_code_span_shows_what_was_said(text: str) -> None:
    html = Elements(markdown_it(f"| a | b |\n|---|---|\n| {code(text)} | end |\n"))
    shown = "".join(html.code).strip()
    words = " ".join(text.split())
    if words.isprintable() and "|" not in words and len(words) <= MAX_CELL:
        assert shown == words
    assert len(shown) <= MAX_CELL
    assert html.tags["td"] == 2


@nasty
def test_no_form_has_a_control_character(text: str) -> None:
    compared_runs = difference(report(), with_reason(text))
    for made in (as_text(compared_runs), as_markdown(compared_runs), as_json(compared_runs), summed_up(text)):
        assert re.search(r"[^\n]", made)
        assert all(line.isprintable() for line in made.split("\n")), (
            "nothing that drives a terminal, or turns text round"
        )
        made.encode()


@nasty
def test_no_line_of_the_text_begins_with_what_a_target_said(text: str) -> None:
    """A CI's log reads commands at the beginning of a line."""
    for line in as_text(difference(with_reason(PLAIN), with_reason(text))).splitlines():
        assert not line.lstrip().startswith(("::", "##["))


def test_the_forms_are_bounded() -> None:
    huge = "é" * 1_000_000
    assert len(summed_up(huge)) < 50_000
    assert len(compared(huge)) < 50_000
    assert len(sarif(with_reason(huge))) < 500_000


@nasty
def test_sarif_s_messages_are_nothing_but_text(text: str) -> None:
    made = sarif(with_reason(text))
    assert made.isascii()
    run = json.loads(made)["runs"][0]
    assert len(run["results"]) == 2
    for result in run["results"]:
        said = result["message"]["text"]
        assert said.isprintable()
        assert not re.search(r"\]\(", said), "a link"
        assert not re.search(r"\{[0-9]+\}", said.replace("{{", "").replace("}}", "")), "a placeholder"
        assert len(said) <= 2 * MAX_TEXT
    assert run["properties"]["target"].isprintable()


@nasty
def test_the_badge_has_nothing_of_a_target(text: str) -> None:
    assert badge(with_reason(text)) == badge(with_reason(PLAIN))
