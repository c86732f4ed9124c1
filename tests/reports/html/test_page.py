"""The page as text: what is in it, what never is, how large it gets. What a browser makes of it is in test_browser."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest

from conformance.recording import Exchange, Piece, Received, Recording, Sent
from conformance.report.html.marks import marks
from conformance.report.html.page import render
from conformance.requirements import catalogue
from tests.judges.by_hand import post, recording, stream, tail, turn_of
from tests.reports.html.conftest import Judged
from tests.reports.html.judged import BROKEN, report_of
from tests.reports.made import NASTY
from tests.reports.made import report as made_report

MEGABYTE = 1024 * 1024


@dataclass
class Page(HTMLParser):
    """The elements of a page, with their attributes, and its text."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def __hash__(self) -> int:
        return id(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> has an attribute twice: {names}"
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def ids(self) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get("id"))]


def page(report: dict[str, Any], played: Recording | None) -> Page:
    parsed = Page()
    parsed.feed(render(report, played))
    parsed.close()
    return parsed


def harmless(parsed: Page, text: str) -> None:
    """Nothing of the page can run, load, leave it but for the catalogue's pages, or hide."""
    pages = {one.page for one in catalogue().values()}
    for tag, attributes in parsed.elements:
        assert tag not in {"iframe", "img", "object", "embed", "link", "base", "form", "audio", "video", "image", "use"}
        for name, value in attributes.items():
            assert not name.startswith("on"), name
            assert name not in {"style", "src", "srcset", "xlink:href", "action"}
            if name == "href":
                assert value is not None
                assert value.startswith("#") or value in pages, value
    assert len(parsed.all("script")) == len(parsed.all("style")) == 1
    assert all(c.isprintable() or c == "\n" or c == "\t" for c in text)
    text.encode("utf-8")


@pytest.mark.parametrize("name", BROKEN)
def test_the_page_of_a_broken_server_leads_to_the_place(judged: Callable[[str], Judged], name: str) -> None:
    broken, (played, report) = BROKEN[name], judged(name)
    parsed = page(report, played)
    assert len(set(parsed.ids)) == len(parsed.ids)
    for attributes in parsed.all("a"):
        href = attributes["href"] or ""
        assert not href.startswith("#") or href[1:] in parsed.ids, f"{href} leads nowhere"
    first = next(one for one in marks(report["requirements"]) if one.requirement == broken.requirement)
    drawn = [
        attributes
        for _, attributes in parsed.elements
        if attributes.get("data-exchange") == first.exchange
        and broken.requirement in (attributes.get("data-requirements") or "").split()
    ]
    assert len(drawn) == 2, "in the overview, and in the picture of its session"
    assert f"place-{first.number}" in parsed.ids
    harmless(parsed, render(report, played))


def test_the_page_of_a_right_server_is_small_and_has_every_requirement(baseline: Recording) -> None:
    report = report_of(baseline)
    text = render(report, baseline)
    assert len(text.encode()) < 2 * MEGABYTE
    parsed = page(report, baseline)
    assert set(catalogue()) <= set(parsed.ids)
    assert not [1 for _, attributes in parsed.elements if "violated" in (attributes.get("class") or "").split()]
    harmless(parsed, text)
    assert sum(report["counts"]["MUST"].values()) + sum(report["counts"]["SHOULD"].values()) == len(
        parsed.all("article")
    )


def test_the_policy_allows_what_was_written_here_and_nothing_else() -> None:
    text = render(made_report(), None)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} &#39;sha256-{digest}&#39;" in policy
    assert policy.startswith("default-src &#39;none&#39;")


def test_without_a_recording_the_page_has_no_pictures() -> None:
    parsed = page(made_report(CUR_01="failed", FUZZ_01="untested"), None)
    assert "pictures" not in parsed.ids
    assert "CUR-01" in parsed.ids


@pytest.mark.parametrize("outcome", ["failed", "waived", "untested", "unobservable"])
def test_what_was_not_passed_is_listed_with_its_reason(outcome: str) -> None:
    parsed = page(made_report(CUR_04=outcome), None)
    words = "".join(parsed.text)
    assert f"{outcome}: 1" in words
    assert words.count("because of CUR-04") == 2


def hostile(text: str) -> tuple[dict[str, Any], Recording]:
    """A run whose target says ``text`` wherever it can say anything."""
    safe = text.encode("utf-8", "surrogatepass")
    noted = text[:4000]
    session = {"session": noted}
    frames = stream(turn_of("1"))
    frames[2] = replace(frames[2], event=replace(frames[2].event, id=noted.replace("\n", " ") or None, data=noted))
    read = _fact(tail(frames, 1), **session)
    answered = replace(
        _fact(post(1, cursor=noted, body=safe), **session),
        problem=noted,
        received=Received(202, ((noted, noted), ("content-type", noted)), (Piece(10.1, safe * 3),), noted[:20]),
    )
    created = replace(
        post(2, 500, part="other", **session), sent=Sent("POST", f"http://by.hand/{noted}", ((noted, noted),), safe)
    )
    played = replace(recording(answered, read, created), target=noted)
    report = made_report(CUR_01="failed", ACC_01="failed", TIER_01="untested")
    evidence = [
        {"exchange": read.name, "sent": text, "came": text, "expected": text},
        {"exchange": created.name, "sent": text, "came": text, "expected": text},
    ]
    for requirement in report["requirements"]:
        if requirement["outcome"] == "failed":
            requirement["evidence"] = copy.deepcopy(evidence)
        requirement["reason"] = requirement["title"] = text
        for test in requirement["tests"]:
            test["reason"] = test["test"] = text
    report["target"] = report["started"] = text
    report["observations"] = [{"about": text, "value": text}, {"about": "an object", "value": {text: [text]}}]
    report["breaks"] = [{"journey": "dialogue", "step": text, "reason": text}]
    return report, played


def _fact(exchange: Exchange, **facts: str) -> Exchange:
    return replace(exchange, facts={**exchange.facts, **facts})


def shape(parsed: Page) -> Iterator[str]:
    """The elements but for those whose number depends on what a violation names: marks, rows of envelopes, drawings."""
    for tag, attributes in parsed.elements:
        if tag not in {"mark", "tr", "td", "code", "path", "rect", "title", "text", "circle", "g"}:
            yield f"{tag} {sorted(attributes)}"


@cache
def tame() -> Page:
    """The same run on a target that says nothing odd."""
    return page(*hostile("a tame text"))


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_hostile_text_stays_text(text: str) -> None:
    nasty = hostile(text)
    written = render(*nasty)
    parsed = Page()
    parsed.feed(written)
    harmless(parsed, written)
    known = {tag for tag, _ in tame().elements}
    assert {tag for tag, _ in parsed.elements} <= known | {"mark", "details", "summary", "pre", "p"}
    assert len(written) < 2 * MEGABYTE
    if len(text) < 200:
        more = Counter(shape(parsed)) - Counter(shape(tame()))
        assert not more, "text became markup"


def test_hostile_text_is_still_to_be_read() -> None:
    words = "".join(page(*hostile("<script>alert(1)</script>\u202e\x00")).text)
    assert "<script>alert(1)</script>\\u202e\\u0000" in words


def test_a_stream_at_the_bounds_makes_no_huge_page() -> None:
    kinds = " ".join(f"1-{n}:text-delta" for n in range(20_000))
    frames = stream(kinds, every=0.001)
    again = tail(frames, 1, "again")
    huge = replace(
        post(2, 200, part="other"), received=Received(200, (), (Piece(21.0, b'{"x": "' + b"<" * 9_000_000),))
    )
    played = recording(post(1), tail(frames, 1), again, huge)
    report = made_report(CUR_08="failed", ERR_04="failed")
    names = {"CUR-08": again.name, "ERR-04": huge.name}
    for requirement in report["requirements"]:
        if requirement["id"] in names:
            one = {"exchange": names[requirement["id"]], "sent": "", "came": "1-777 text-delta", "expected": "less"}
            requirement["evidence"] = [one]
    assert len(render(report, played).encode()) < 2 * MEGABYTE


def test_many_broken_sessions_make_no_huge_page() -> None:
    exchanges: list[Exchange] = []
    for number in range(60):
        frames = stream(turn_of(f"{number}"), at=10.0 * number + 1)
        exchanges += [
            _fact(post(1, journey=f"history-{number}", at=10.0 * number), session=f"s{number}"),
            _fact(tail(frames, 1, journey=f"history-{number}"), session=f"s{number}"),
        ]
    report = made_report(**{one.replace("-", "_"): "failed" for one in catalogue()})
    for requirement in report["requirements"]:
        requirement["evidence"] = [
            {"exchange": e.name, "sent": "curl", "came": "x" * 5000, "expected": f"y{n}"}
            for n, e in enumerate(exchanges[:30])
        ]
    text = render(json.loads(json.dumps(report)), recording(*exchanges))
    assert len(text.encode()) < 10 * MEGABYTE


def test_a_page_of_the_catalogue_that_is_no_web_page_is_no_link() -> None:
    report = made_report(CUR_01="failed")
    for requirement in report["requirements"]:
        requirement["page"] = "javascript:alert(1)"
    parsed = page(report, None)
    harmless(parsed, render(report, None))
    assert "javascript" not in json.dumps([attributes for _, attributes in parsed.elements])
