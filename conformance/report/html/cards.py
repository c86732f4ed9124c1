"""A requirement as the page shows it: rule, outcome, tests, and of each violation what was expected, what came, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from conformance.recording import Exchange, Recording
from conformance.report.html.exchanges import Part, Shown, parts, shortened, shown
from conformance.report.html.marks import Mark, literals, violations
from conformance.report.html.streams import SessionStream
from conformance.requirements import catalogue

MOST_REASON = 1_200
MOST_CAME = 2_500
TITLES: Mapping[str, str] = {
    "ACC": "The accepted message",
    "ENV": "The response envelope",
    "ATT": "Attachments",
    "UPL": "Upload grants",
    "TIER": "The model tier",
    "CUR": "Cursors and reconnects",
    "EVT": "The event stream",
    "IDEM": "Idempotent retries",
    "AUTH": "Credentials and tenants",
    "ERR": "Errors",
    "RATE": "Rate limits",
    "SES": "Sessions",
    "FUZZ": "Generated requests",
}


@dataclass(frozen=True)
class Piece:
    """One piece of evidence. ``shown``: the exchange, where it stands in full; else ``same_as`` is the anchor of the place
    where it does, or both are None and only ``curl`` is known (requests that fuzzing made)."""

    exchange: str
    shown: Shown | None
    same_as: str | None
    curl: str


@dataclass(frozen=True)
class Violation:
    """What one test found broken. ``picture``: the anchor in the page where it is drawn, None: nowhere."""

    number: int
    expected: str
    came: tuple[Part, ...]
    pieces: tuple[Piece, ...]
    picture: str | None


@dataclass(frozen=True)
class Card:
    """A requirement. ``page``: a link of the catalogue, None where it has none that is http."""

    id: str
    level: str
    title: str
    rule: str
    judged: str
    page: str | None
    outcome: str
    reason: str
    tests: tuple[Mapping[str, str], ...]
    violations: tuple[Violation, ...]


@dataclass(frozen=True)
class Group:
    """The requirements of one subject, in the catalogue's order."""

    key: str
    title: str
    cards: tuple[Card, ...]


def cards(
    report: Mapping[str, Any],
    recording: Recording | None,
    streams: Sequence[SessionStream],
    drawn: AbstractSet[int],
) -> tuple[Card, ...]:
    """Every requirement of a report. ``drawn``: the violations that a picture of a session shows."""
    maker = _Maker(recording, streams, drawn)
    return tuple(maker.card(requirement) for requirement in report["requirements"])


def groups(made: Iterable[Card]) -> tuple[Group, ...]:
    """The cards by the word before the number of their id."""
    by_key: dict[str, list[Card]] = {}
    for card in made:
        by_key.setdefault(card.id.partition("-")[0], []).append(card)
    return tuple(Group(key, TITLES.get(key, key), tuple(found)) for key, found in by_key.items())


class _Maker:
    """Shows every exchange once, however many violations name it."""

    def __init__(self, recording: Recording | None, streams: Sequence[SessionStream], drawn: AbstractSet[int]) -> None:
        self._exchanges = {e.name: e for e in recording.exchanges} if recording else {}
        self._streams = {stream.id: stream for stream in streams}
        self._drawn = drawn
        self._anchors: dict[str, str] = {}
        self._violations = 0

    def card(self, found: Mapping[str, Any]) -> Card:
        known = catalogue().get(found["id"])
        page = known.page if known is not None and urlsplit(known.page).scheme in ("http", "https") else None
        failed = found["outcome"] == "failed"
        return Card(
            id=found["id"],
            level=found["level"],
            title=known.title if known else shortened(found["title"], 300),
            rule=known.rule if known else "",
            judged=known.judged if known else "",
            page=page,
            outcome=found["outcome"],
            reason=shortened(found["reason"], MOST_REASON),
            tests=tuple({**test, "reason": shortened(test["reason"], MOST_REASON)} for test in found["tests"]),
            violations=tuple(self._violation(found, group) for group in violations(found["evidence"]))
            if failed
            else (),
        )

    def _violation(self, found: Mapping[str, Any], group: Sequence[Mapping[str, str]]) -> Violation:
        self._violations += 1
        came, expected = group[0]["came"], group[0]["expected"]
        mark = Mark(self._violations, found["id"], found["level"], group[0]["exchange"], came, expected, True)
        overview = "overview" if group[0]["exchange"] in self._exchanges else None
        return Violation(
            number=self._violations,
            expected=shortened(expected, MOST_REASON),
            came=parts(shortened(came, MOST_CAME), literals(came)),
            pieces=tuple(self._piece(one, mark) for one in group),
            picture=f"place-{self._violations}" if self._violations in self._drawn else overview,
        )

    def _session(self, exchange: str) -> str:
        found = self._exchanges.get(exchange)
        return str(found.facts.get("session", "")) if found else ""

    def _piece(self, evidence: Mapping[str, str], mark: Mark) -> Piece:
        name = evidence["exchange"]
        exchange: Exchange | None = self._exchanges.get(name)
        curl = shortened(evidence["sent"], 4_000)
        if exchange is None:
            return Piece(name, None, None, curl)
        if name in self._anchors:
            return Piece(name, None, self._anchors[name], curl)
        anchor = self._anchors[name] = f"exchange-{len(self._anchors) + 1}"
        stream = self._streams.get(self._session(name))
        return Piece(name, shown(exchange, mark, anchor, stream), None, curl)
