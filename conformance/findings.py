"""How a scenario says what it found: kept, broken, not tried, or not to be seen.

A scenario is a function of the recording (or of views of it, by parameter name). It returns when the requirement is kept;
otherwise it raises one of the three findings below. Anything else that it raises is a mistake of the suite.
"""

from __future__ import annotations

import inspect
import json
import re
import shlex
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import pytest

from conformance.recording import Exchange, Recording, Sent
from conformance.requirements import Requirement

MAX_SHOWN = 1500
"""Characters of a body that a failure message shows."""


class Finding(Exception):  # noqa: N818 - it is an outcome, not an error of ours
    """Something other than 'kept'."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Violation(Finding):
    """The target broke the requirement.

    ``reason`` is one line; ``expected`` and ``came`` are sentences for the vendor; ``evidence`` names the exchanges.
    ``curls``: curl lines of requests that are in no recording, such as those that fuzzing made.
    """

    def __init__(self, expected: str, came: str, *evidence: Exchange, curls: Sequence[str] = ()) -> None:
        super().__init__(f"{_one_line(came)} (expected: {_one_line(expected)})")
        self.expected = expected
        self.came = came
        self.evidence = evidence
        self.curls = tuple(curls)


class Untested(Finding):
    """It could have been judged, and was not: a key is missing, a journey broke off, a turn did not end in time."""


class Unobservable(Finding):
    """This target gives no evidence either way."""


@dataclass(frozen=True)
class Scenario:
    """A judging function and the requirements that it serves."""

    ids: tuple[str, ...]
    judge: Callable[..., None]

    @property
    def name(self) -> str:
        return f"{self.judge.__module__.rpartition('.')[2]}::{self.judge.__name__}"


SCENARIOS: dict[str, Scenario] = {}
"""Every judging function that was imported, by name."""

Judge = TypeVar("Judge", bound=Callable[..., None])


def requirement(*ids: str) -> Callable[[Judge], Judge]:
    """Mark a scenario with the requirements that it serves (ids of spec/requirements.yaml).

    The catalogue is not read here: a damaged spec file has to be told in one line, which no import error is. That every id
    is in it, a test of the project sees to.
    """

    def mark(judge: Judge) -> Judge:
        scenario = Scenario(ids, judge)
        SCENARIOS[scenario.name] = scenario
        marked: Judge = pytest.mark.requirement(*ids)(judge)
        return marked

    return mark


def expect(kept: bool, exchange: Exchange, *, expected: str, came: str | None = None) -> None:
    """Raise a Violation on that exchange unless ``kept``; ``came`` defaults to what the answer was."""
    if not kept:
        broken(exchange, expected=expected, came=came)


def broken(exchange: Exchange, *others: Exchange, expected: str, came: str | None = None) -> NoReturn:
    """Raise a Violation on that exchange (the first is the one that the vendor should repeat)."""
    raise Violation(expected, came if came is not None else describe(exchange), exchange, *others)


def describe(exchange: Exchange) -> str:
    """What came, in a few lines: status, the ending where it was not whole, the body."""
    received = exchange.received
    if received is None:
        return f"no answer: {exchange.problem or exchange.ending}"
    text = received.text
    shown = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text)} characters)"
    ending = "" if exchange.ending == "complete" else f" [{exchange.ending}]"
    return (
        f"{received.status} {received.header('content-type') or '(no content type)'}{ending}\n{escape_controls(shown)}"
    )


def curl(sent: Sent) -> str:
    """The request as one shell-quoted curl line; the key stands as the variable that holds it."""
    words = ["curl", "-i"]
    if sent.method != "GET":
        words += ["-X", sent.method]
    line = " ".join([*words, _word(sent.url)])
    for name, value in sent.headers:
        if name.lower() in {"host", "content-length", "accept-encoding", "connection", "user-agent"}:
            continue
        text = f"{name}: {value}"
        # A redacted key is a shell variable, so that the line works when it is pasted: only there double quotes, and
        # only where nothing stands that means something to a shell. A cursor is the target's text, and may hold anything.
        line += f' -H "{text}"' if _KEY_VARIABLE.fullmatch(value) else f" -H {_word(text)}"
    if sent.body:
        line += f" --data-binary {_body_word(sent.body)}"
    return line


def message_of(violation: Violation, requirements: Iterable[Requirement]) -> str:
    """The failure message: the requirement and its page, what was sent, what came, what was expected."""
    lines: list[str] = []
    for one in requirements:
        lines += [f"{one.id} ({one.level}) {one.title}", f"  page      {one.page}"]
    lines.append(f"  expected  {violation.expected}")
    lines.append("  came      " + violation.came.replace("\n", "\n            "))
    for exchange in violation.evidence[:3]:
        lines.append(f"  sent      {curl(exchange.sent)}")
        lines.append(f"            ({exchange.name}, {exchange.sent_at:.3f} s into the run)")
    lines += [f"  sent      {line}" for line in violation.curls[:3]]
    return "\n".join(lines)


def judge(
    recording: Recording, views: Mapping[str, Callable[[Recording], Any]], only: Collection[str] | None = None
) -> dict[str, list[tuple[Scenario, Finding | None]]]:
    """Run every imported scenario on a recording, without pytest: requirement id -> what each scenario found (None: kept).

    ``only``: just the scenarios that serve one of these requirements.

    :raises Exception: whatever a scenario raises that is no finding: a mistake of the suite.
    """
    found: dict[str, list[tuple[Scenario, Finding | None]]] = {}
    arranged: dict[str, Any] = {}
    for scenario in SCENARIOS.values():
        if only is not None and not set(scenario.ids) & set(only):
            continue
        parameters = inspect.signature(scenario.judge).parameters
        if any(name not in views for name in parameters):
            continue  # it sends requests of its own, and is no function of a recording
        for name in parameters:
            if name not in arranged:
                arranged[name] = views[name](recording)
        finding: Finding | None = None
        try:
            scenario.judge(**{name: arranged[name] for name in parameters})
        except Finding as raised:
            finding = raised
        for one in scenario.ids:
            found.setdefault(one, []).append((scenario, finding))
    return found


def escape_controls(text: str) -> str:
    """``text`` with control characters shown as escapes: a target's bytes must not drive a terminal."""
    return "".join(c if c in "\n\t" or c.isprintable() else json.dumps(c)[1:-1] for c in text)


def _one_line(text: str) -> str:
    line = escape_controls(" ".join(text.split()))
    return line if len(line) <= 240 else f"{line[:239]}…"


_KEY_VARIABLE = re.compile(r"(?:[A-Za-z]+ )?\$NEO_(?:OTHER_)?API_KEY(?:_ALTERED)?(?:[ -][A-Za-z -]*)?")


def _body_word(body: bytes) -> str:
    if len(body) > MAX_SHOWN:
        return f"@body-of-{len(body)}-bytes"
    try:
        return _word(body.decode())
    except UnicodeDecodeError:
        return _ansi_word(body)


def _word(text: str) -> str:
    """One word for a shell, and nothing in it that a terminal would obey."""
    return shlex.quote(text) if text.isprintable() else _ansi_word(text.encode("utf-8", "surrogatepass"))


def _ansi_word(body: bytes) -> str:
    return "$'" + "".join(chr(b) if 32 <= b < 127 and chr(b) not in "'\\" else f"\\x{b:02x}" for b in body) + "'"
