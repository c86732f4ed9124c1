"""FUZZ-01, first form: every operation answers generated requests as the document says.

Each operation is fuzzed for its share of the time, on one session made for it. The path's session id is never
generated: what %2F, dots, or nothing at all in its place reach is on no page. A case goes either to the live session
or to one that does not exist, whose id is made from the live one's.
"""

from __future__ import annotations

import random
import string
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from schemathesis.core import NOT_SET

from conformance.fuzz.answers import Finding, judge
from conformance.fuzz.expectation import OPEN, Expectation, Request, Verdict, expect
from conformance.fuzz.generation import Case, Operation, cases, operations
from conformance.fuzz.outcome import FuzzFailure, FuzzReport, FuzzSettings
from conformance.fuzz.sending import Sender, Sent, TurnBudget

__all__ = ["FuzzFailure", "FuzzReport", "FuzzSettings", "fuzz_operations"]

# The stream comes last: it may take all the time that the others have left, and by then the session has had a turn.
_ORDER = ("createSession", "requestUploadUrl", "listMessages", "appendMessage", "tailEvents")
_FINDINGS_SHOWN = 3
_TROUBLES_BORNE = 3
_TAILS_AT_ONCE = 8
_TAIL_SECONDS = (0.8, 5.0)
_UNLIKELY_LENGTH = 16
_UNKNOWN_SHARE = 0.15
_CURSOR_SHARE = 0.5
_DRAWING_SHARE = 0.4
_TEXT_SHARE = 0.8
_TEXT = "What is the capital of Norway?"
_TITLE = "Conformance run"
_BAD_INPUT = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_KEY_SHOWN = "$NEO_API_KEY"


def fuzz_operations(
    base_url: str, api_key: str, agent_id: int | None, settings: FuzzSettings, *, only: Collection[str] = _ORDER
) -> FuzzReport:
    """Fuzz every operation of the document on the target at `base_url` (without /public-api), or `only` some.

    Stops at the deadline, each operation at its own, with what was found until then. Raises SpecDamaged, and whatever
    a mistake of ours raises; what the target does, or fails to do, is in the report.
    """
    began = time.monotonic()
    run = _Run(
        base_url=base_url,
        agent={"managed_agent_key": "NEO_SUPPORT"} if agent_id is None else {"agent_id": agent_id},
        settings=settings,
        sender=Sender(api_key, TurnBudget(settings.turns)),
        deadline=began + settings.seconds,
    )
    run.play([name for name in _ORDER if name in only])
    return FuzzReport(
        failures=tuple(run.failures),
        requests=run.sender.count,
        turns=run.sender.budget.started,
        seconds=time.monotonic() - began,
        per_operation=run.per_operation,
        unasked=run.unasked,
    )


@dataclass
class _Run:
    base_url: str
    agent: Mapping[str, Any]
    settings: FuzzSettings
    sender: Sender
    deadline: float
    failures: list[FuzzFailure] = field(default_factory=list)
    noted: set[tuple[str, ...]] = field(default_factory=set)
    shown: Counter[tuple[str, str]] = field(default_factory=Counter)
    per_operation: dict[str, int] = field(default_factory=dict)
    unasked: str = ""
    live: str = ""
    unknown: str = ""
    cursor: str = ""
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.settings.seed)

    def play(self, names: list[str]) -> None:
        self.per_operation = dict.fromkeys(names, 0)
        found = operations(self.base_url)
        if not self._create_session(found["createSession"]):
            return
        self._start_first_turn(found["appendMessage"])
        drawn = {
            name: cases(
                found[name],
                examples=self.settings.examples,
                seed=self.settings.seed,
                until=self._share(len(names) - position, of=_DRAWING_SHARE),
            )
            for position, name in enumerate(names)
        }
        for position, name in enumerate(names):
            before = self.sender.count
            self._fuzz(name, drawn[name], self._share(len(names) - position))
            self.per_operation[name] = self.sender.count - before

    def _share(self, operations_left: int, of: float = 1.0) -> float:
        """The moment at which one of so many operations has used its share of the time that is left."""
        now = time.monotonic()
        return now + max(0.0, self.deadline - now) * of / operations_left

    def _create_session(self, operation: Operation) -> bool:
        bare = operation.Case(body=dict(self.agent), media_type="application/json")
        sent = self.sender.send(bare, deadline=self.deadline)
        # Whether the agent may be used is not known before, so a refusal is no failure. It leaves nothing to fuzz with.
        self._judge("createSession", bare, sent, OPEN)
        if sent.answers and sent.answers[-1].status_code in _BAD_INPUT:
            titled = operation.Case(body={**self.agent, "title": _TITLE}, media_type="application/json")
            second = self.sender.send(titled, deadline=self.deadline)
            self._judge("createSession", titled, second, OPEN)
            if _data(second).get("id"):
                # The agent may be used, and so what was refused is that there was no title.
                self._judge("createSession", bare, sent, expect(self._request("createSession", bare, to_live=True)))
            sent = second
        session_id = _data(sent).get("id")
        if isinstance(session_id, float) and session_id.is_integer():
            session_id = int(session_id)  # JSON does not tell 17.0 from 17
        if session_id and isinstance(session_id, str | int) and not isinstance(session_id, bool):
            self.live = str(session_id)
            self.unknown = unknown_id(self.live, self.settings.seed)
            return True
        came = f"{sent.answers[-1].status_code} {sent.answers[-1].text[:200]}" if sent.answers else sent.trouble
        self.unasked = self._redacted(f"no session could be created: {came or 'no answer in time'}")
        return False

    def _start_first_turn(self, operation: Operation) -> None:
        """One turn, if there may be any, so that the tails have envelopes to show."""
        if self.sender.budget.left:
            case = operation.Case(
                path_parameters={"session_id": self.live},
                body={"message": _TEXT},
                media_type="application/json",
            )
            sent = self.sender.send_message(case, deadline=self.deadline, may_start=True)
            self._judge("appendMessage", case, sent, expect(self._request("appendMessage", case, to_live=True)))

    def _fuzz(self, name: str, drawn: Iterable[Case], deadline: float) -> None:
        if name == "tailEvents":
            self._fuzz_tails(list(drawn), deadline)
            return
        troubles = 0
        for case in drawn:
            if time.monotonic() >= deadline or troubles >= _TROUBLES_BORNE:
                return
            if name == "appendMessage":
                sent, expectation = self._append(case, deadline)
            else:
                expectation = self._address(name, case, to_live=self._to_live())
                sent = self.sender.send(case, deadline=deadline)
            troubles = troubles + 1 if sent.trouble else 0
            self._judge(name, case, sent, expectation)
            if self.sender.budget.overdrawn:
                # The failure is noted. What else the target takes for a message is not worth a turn each.
                return

    def _append(self, case: Case, deadline: float) -> tuple[Sent, Expectation]:
        if isinstance(case.body, dict) and case.body.get("message", "") == "" and self.chance.random() < _TEXT_SHARE:
            # With no text a message is likely to be refused, whatever else is wrong with it. So a fault would be hidden.
            case.body = {**case.body, "message": _TEXT}
        expectation = self._address("appendMessage", case, to_live=True)
        may_start = expectation.verdict is not Verdict.REFUSED
        if may_start and not (self.sender.budget.left and self._to_live()):
            expectation = self._address("appendMessage", case, to_live=False)
            may_start = False
        sent = self.sender.send_message(case, deadline=deadline, may_start=may_start)
        self.cursor = str(_data(sent).get("since_cursor") or self.cursor)
        return sent, expectation

    def _fuzz_tails(self, drawn: list[Case], deadline: float) -> None:
        """Several at once: each holds its connection until its limit of time, for a stream need not end."""
        seconds = min(max(_TAIL_SECONDS[0], 4 * self.sender.slowest), _TAIL_SECONDS[1])
        for case in drawn:
            self._put_cursor(case)
        expectations = [self._address("tailEvents", case, to_live=self._to_live()) for case in drawn]

        def tail(case: Case) -> Sent:
            return self.sender.send(case, deadline=deadline, stream_seconds=seconds)

        with ThreadPoolExecutor(_TAILS_AT_ONCE, thread_name_prefix="fuzz-tail") as pool:
            for case, expectation, sent in zip(drawn, expectations, pool.map(tail, drawn), strict=True):
                self._judge("tailEvents", case, sent, expectation)

    def _to_live(self) -> bool:
        return self.chance.random() >= _UNKNOWN_SHARE

    def _put_cursor(self, case: Case) -> None:
        """The live session's own cursor in place of some of the generated ones, which are none of its ids."""
        if self.cursor and self.chance.random() < _CURSOR_SHARE:
            if "since" in case.query:
                case.query["since"] = self.cursor
            if "Last-Event-Id" in case.headers:
                case.headers["Last-Event-Id"] = self.cursor

    def _address(self, name: str, case: Case, *, to_live: bool) -> Expectation:
        """Give the case its session, or its agent, and tell what the pages expect of it then."""
        if name == "createSession":
            case.body = self._with_agent(case.body)
        else:
            case.path_parameters = {"session_id": self.live if to_live else self.unknown}
        return expect(self._request(name, case, to_live=to_live))

    def _request(self, name: str, case: Case, *, to_live: bool) -> Request:
        return Request(
            operation=name,
            body=case.body,
            has_body=case.body is not NOT_SET,
            query=case.query,
            headers=case.headers,
            live_session=to_live or name == "createSession",
            agent=self.agent,
            cursor=self.cursor,
        )

    def _with_agent(self, body: Any) -> Any:
        """The body, with the target's own agent where it names one in one lawful way: others need not exist."""
        if not isinstance(body, dict):
            return body
        named = {key: body[key] for key in ("agent_id", "managed_agent_key") if key in body}
        lawful = len(named) == 1 and (
            type(named.get("agent_id")) is int or named.get("managed_agent_key") == "NEO_SUPPORT"
        )
        if not lawful:
            return body
        return {**{key: value for key, value in body.items() if key not in named}, **self.agent}

    def _judge(self, name: str, case: Case, sent: Sent, expectation: Expectation) -> None:
        findings = [finding for answer in sent.answers for finding in judge(name, case, answer, expectation)]
        if sent.trouble:
            findings.append(Finding("FUZZ-01", "an answer", sent.trouble))
        self._note(name, case, findings)

    def _note(self, name: str, case: Case, findings: list[Finding]) -> None:
        for finding in findings:
            subject = (name, finding.rule)
            if (*subject, finding.expected, finding.kind) in self.noted or self.shown[subject] >= _FINDINGS_SHOWN:
                continue
            self.noted.add((*subject, finding.expected, finding.kind))
            self.shown[subject] += 1
            self.failures.append(
                FuzzFailure(
                    operation=name,
                    rule=finding.rule,
                    expected=self._redacted(finding.expected),
                    came=self._redacted(finding.came),
                    curl=self._curl(case),
                    seed=self.settings.seed,
                )
            )

    def _curl(self, case: Case) -> str:
        line = case.as_curl_command(headers={"Authorization": f"Bearer {_KEY_SHOWN}"})
        # In single quotes a shell would not put the key in.
        return self._redacted(
            line.replace(f"'Authorization: Bearer {_KEY_SHOWN}'", f'"Authorization: Bearer {_KEY_SHOWN}"')
        )

    def _redacted(self, text: str) -> str:
        return text.replace(self.sender.api_key, _KEY_SHOWN)


def _data(sent: Sent) -> dict[str, Any]:
    """The `data` of a success, empty if there is none."""
    if not sent.answers or sent.answers[-1].status_code >= HTTPStatus.BAD_REQUEST:
        return {}
    try:
        data = sent.answers[-1].json()["data"]
    except (ValueError, KeyError, TypeError):
        return {}
    return data if isinstance(data, dict) else {}


def unknown_id(known: str, seed: int) -> str:
    """An id of the same form that does not exist: letters for letters of its kind, digits for digits.

    A short one is made longer first. A neighbour of a short number may well be somebody's session.
    """
    chance = random.Random(f"{seed}:{known}")
    padding = known[-1] if known[-1].isalnum() else "9"
    longer = known + padding * max(0, _UNLIKELY_LENGTH - sum(character.isalnum() for character in known))

    def another(character: str) -> str:
        if character in string.digits:
            return chance.choice("123456789")
        for letters in (string.ascii_lowercase, string.ascii_uppercase):
            if character in letters:
                # Letters that stand in the id: another may not be in its alphabet.
                return chance.choice([c for c in longer if c in letters])
        return character

    # The beginning stays: a prefix may be part of the form, and so may the version of a uuid.
    kept = len(longer) - 12
    return longer[:kept] + "".join(another(character) for character in longer[kept:])
