"""FUZZ-01: every operation answers generated requests as the document says.

Each operation is fuzzed for its share of the time, on one session made for it. The path's session id is never
generated: what %2F, dots, or nothing at all in its place reach is on no page. A case goes either to the live session
or to one that does not exist, whose id is made from the live one's; and first every operation is asked by strangers.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from itertools import islice
from typing import Any

from schemathesis.core import NOT_SET

from conformance.fuzz.answers import Finding, judge
from conformance.fuzz.dressing import UNKNOWN_SESSIONS, dress, fresh_id
from conformance.fuzz.expectation import OPEN, Expectation, Request, Verdict, expect
from conformance.fuzz.generation import Case, Drawn, Operation, cases, operations
from conformance.fuzz.known import Grant, Known, data_of, session_id_of, unknown_id
from conformance.fuzz.leaking import leaking
from conformance.fuzz.noting import Notes
from conformance.fuzz.outcome import FuzzFailure, FuzzReport, FuzzSettings
from conformance.fuzz.preparing import uploaded
from conformance.fuzz.sending import Sender, Sent, TurnBudget
from conformance.fuzz.visits import Visits
from conformance.target import KEY_VARIABLE, OTHER_KEY_VARIABLE

__all__ = ["ORDER", "FuzzFailure", "FuzzReport", "FuzzSettings", "fuzz_operations"]

# The stream comes last: it may take all the time that the others have left, and by then the session has had a turn.
ORDER = ("createSession", "requestUploadUrl", "listMessages", "appendMessage", "tailEvents")
_TROUBLES_BORNE = 3
_TAILS_AT_ONCE = 12
_AT_ONCE = 4
"""Requests of one operation that starts no turn: a target that takes its time is asked enough all the same."""
_TAIL_SECONDS = (0.8, 5.0)
_DRAWING_SHARE = 0.5
_REDUCING_SHARE = 0.25
_LEAST_CASES = 4
_LEAST_SHARE = 0.5
"""Of each operation so many cases are sent however busy this machine is, up to this share of the time over the deadline."""
_TEXT_SHARE = 0.8
_TEXT = "What is the capital of Norway?"
_TITLE = "Conformance run"
_BAD_INPUT = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_UPLOADED_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/png", "image/png")


def fuzz_operations(
    base_url: str,
    api_key: str,
    agent_id: int | None,
    settings: FuzzSettings,
    *,
    only: Collection[str] = ORDER,
    other_key: str | None = None,
) -> FuzzReport:
    """Fuzz every operation of the document on the target at `base_url` (without /public-api), or `only` some.

    `other_key` is a second tenant's; without it nothing is asked in another tenant's name, and the report says so. Stops
    at the deadline, each operation at its own (but for its first few cases), with what was found until then. Raises
    SpecDamaged, and whatever a mistake of ours raises; what the target does, or fails to do, is in the report.
    """
    began = time.monotonic()
    agent: dict[str, Any] = {"managed_agent_key": "NEO_SUPPORT"} if agent_id is None else {"agent_id": agent_id}
    secrets = {KEY_VARIABLE: api_key, OTHER_KEY_VARIABLE: other_key or ""}
    run = _Run(
        base_url=base_url,
        settings=settings,
        sender=Sender(api_key, TurnBudget(settings.turns)),
        deadline=began + settings.seconds,
        known=Known(agent),
        notes=Notes(settings.seed, secrets, _REDUCING_SHARE * settings.seconds),
    )
    visits = Visits(run.sender, other_key, run.notes, run.origins, settings.seed)
    run.play([name for name in ORDER if name in only], visits)
    return FuzzReport(
        failures=tuple(run.notes.failures),
        requests=run.sender.count + visits.count,
        turns=run.sender.budget.started,
        seconds=time.monotonic() - began,
        per_operation=run.per_operation,
        unasked=run.unasked,
        seed=settings.seed,
        origins={name: dict(counts) for name, counts in run.origins.items()},
        left_out=(*run.left_out, *visits.left_out),
    )


@dataclass
class _Run:
    base_url: str
    settings: FuzzSettings
    sender: Sender
    deadline: float
    known: Known
    notes: Notes
    per_operation: dict[str, int] = field(default_factory=dict)
    origins: dict[str, Counter[str]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    unasked: str = ""
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.settings.seed)

    def play(self, names: list[str], visits: Visits) -> None:
        self.per_operation = dict.fromkeys(names, 0)
        self.origins.update({name: Counter() for name in names})
        found = operations(self.base_url)
        if not self._create_session(found["createSession"]):
            return
        if "appendMessage" in names:
            self._upload_pictures(found["requestUploadUrl"])
        self._start_first_turn(found["appendMessage"])
        visits.pay(found, names, self.known, self._share(4))
        drawn = {
            name: cases(
                found[name],
                examples=self.settings.examples,
                seed=self.settings.seed,
                until=self._share(len(names) - position, of=_DRAWING_SHARE),
                latest=self.deadline,
            )
            for position, name in enumerate(names)
        }
        for position, name in enumerate(names):
            before = self.sender.count
            left = len(names) - position
            deadline, late = self._share(left), self._share(left, over=_LEAST_SHARE * self.settings.seconds)
            self._fuzz(name, drawn[name], deadline, late, found[name])
            self.per_operation[name] = self.sender.count - before
        if not self.sender.budget.left and "appendMessage" in names:
            used = f"the {self.settings.turns} turns are used up" if self.settings.turns else "no turn is allowed"
            self.left_out.append(
                f"messages that could start a turn: {used}, so they went to a session that does not exist"
            )

    def _share(self, operations_left: int, of: float = 1.0, over: float = 0.0) -> float:
        """The moment at which one of so many operations has used its share of the time that is left, and `over` more."""
        now = time.monotonic()
        return now + max(0.0, self.deadline + over - now) * of / operations_left

    def _create_session(self, operation: Operation) -> bool:
        agent = self.known.agent
        bare = operation.Case(body=dict(agent), media_type="application/json")
        sent = self.sender.send(bare, deadline=self.deadline)
        # Whether the agent may be used is not known before, so a refusal is no failure. It leaves nothing to fuzz with.
        self._judge("createSession", bare, sent, OPEN)
        if sent.answers and sent.answers[-1].status_code in _BAD_INPUT:
            titled = operation.Case(body={**agent, "title": _TITLE}, media_type="application/json")
            second = self.sender.send(titled, deadline=self.deadline)
            self._judge("createSession", titled, second, OPEN)
            if second.answers and data_of(second.answers[-1]).get("id"):
                # The agent may be used, and so what was refused is that there was no title.
                self._judge("createSession", bare, sent, expect(self._request("createSession", bare, to_live=True)))
            sent = second
        session_id = session_id_of(sent.answers[-1]) if sent.answers else ""
        if session_id:
            self.known.live = session_id
            self.known.unknown = unknown_id(session_id, self.settings.seed)
            return True
        came = f"{sent.answers[-1].status_code} {sent.answers[-1].text[:200]}" if sent.answers else sent.trouble
        self.unasked = self.notes.redacted(f"no session could be created: {came or 'no answer in time'}")
        return False

    def _upload_pictures(self, operation: Operation) -> None:
        """Grants of which the bytes are there, so that messages with attachments can be surely valid."""
        if not self.sender.budget.left:
            return
        for mime in _UPLOADED_TYPES:
            case = operation.Case(
                path_parameters={"session_id": self.known.live},
                body={"content_type": mime},
                media_type="application/json",
            )
            sent = self.sender.send(case, deadline=self.deadline)
            self._judge("requestUploadUrl", case, sent, OPEN)
            data = data_of(sent.answers[-1]) if sent.answers else {}
            path, granted = data.get("blob_path"), data.get("mime")
            if isinstance(path, str) and path and isinstance(granted, str):
                self.known.grants.append(uploaded(self.base_url, data.get("upload_url"), Grant(path, granted)))
        if not any(grant.uploaded for grant in self.known.grants):
            self.left_out.append("messages with attachments that are surely valid: no picture could be uploaded")

    def _start_first_turn(self, operation: Operation) -> None:
        """One turn, if there may be any, so that the tails have envelopes to show, and an id that can be repeated."""
        if self.sender.budget.left:
            case = operation.Case(
                path_parameters={"session_id": self.known.live},
                body={"message": _TEXT, "client_message_id": fresh_id(self.known, self.chance)},
                media_type="application/json",
            )
            sent = self.sender.send_message(case, deadline=self.deadline, may_start=True)
            self._judge("appendMessage", case, sent, expect(self._request("appendMessage", case, to_live=True)))
            self._take_in("appendMessage", case, sent)

    def _fuzz(self, name: str, drawn: Iterable[Drawn], deadline: float, late: float, operation: Operation) -> None:
        """Send the cases: all that the `deadline` leaves time for, the first few until it is `late`."""
        if name == "tailEvents":
            self._fuzz_tails(list(drawn), deadline, late, operation)
            return
        if name == "appendMessage":
            self._fuzz_messages(drawn, deadline, late)
            return
        troubles = 0
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fuzz") as pool:
            numbered = enumerate(drawn)
            while group := [*islice(numbered, _AT_ONCE)]:
                if (
                    time.monotonic() >= (late if group[0][0] < _LEAST_CASES else deadline)
                    or troubles >= _TROUBLES_BORNE
                ):
                    return
                requests = [self._address(name, one, to_live=self._to_live(one)) for _, one in group]
                untils = [late if number < _LEAST_CASES else deadline for number, _ in group]
                answers = pool.map(lambda one, until: self.sender.send(one[1].case, deadline=until), group, untils)
                for (_, one), request, sent in zip(group, requests, list(answers), strict=True):
                    troubles = troubles + 1 if sent.trouble else 0
                    self._judge(name, one.case, sent, expect(request), request)
                    if request.live_session:
                        self._take_in(name, one.case, sent)

    def _fuzz_messages(self, drawn: Iterable[Drawn], deadline: float, late: float) -> None:
        """One after another: each may start a turn, and the account of turns has to be exact."""
        troubles = 0
        for number, one in enumerate(drawn):
            until = late if number < _LEAST_CASES else deadline
            if time.monotonic() >= until or troubles >= _TROUBLES_BORNE:
                return
            sent, request = self._append(one, until)
            troubles = troubles + 1 if sent.trouble else 0
            self._judge("appendMessage", one.case, sent, expect(request), request)
            if request.live_session:
                self._take_in("appendMessage", one.case, sent)
            if self.sender.budget.overdrawn:
                # The failure is noted. What else the target takes for a message is not worth a turn each.
                return

    def _append(self, one: Drawn, deadline: float) -> tuple[Sent, Request]:
        to_live, chance = self._to_live(one), self.chance.random()
        body = one.case.body
        if isinstance(body, dict) and body.get("message", "") == "" and chance < _TEXT_SHARE:
            # With no text a message is likely to be refused, whatever else is wrong with it. So a fault would be hidden.
            one.case.body = {**body, "message": _TEXT}
        request = self._address("appendMessage", one, to_live=True)
        may_start = expect(request).verdict is not Verdict.REFUSED
        if may_start and not (self.sender.budget.left and to_live):
            request = self._request("appendMessage", one.case, to_live=False)
            one.case.path_parameters = {"session_id": self.known.unknown}
            may_start = False
        self.origins["appendMessage"]["the live session" if request.live_session else "an unknown session"] += 1
        return self.sender.send_message(one.case, deadline=deadline, may_start=may_start), request

    def _fuzz_tails(self, drawn: list[Drawn], deadline: float, late: float, operation: Operation) -> None:
        """Several at once: each holds its connection until its limit of time, for a stream need not end."""
        seconds = min(max(_TAIL_SECONDS[0], 4 * self.sender.slowest), _TAIL_SECONDS[1])
        self.notes.stream_seconds = _TAIL_SECONDS[1]
        whole = operation.Case(path_parameters={"session_id": self.known.live})
        self._take_in("tailEvents", whole, self.sender.send(whole, deadline=late, stream_seconds=seconds))
        requests = [self._address("tailEvents", one, to_live=self._to_live(one)) for one in drawn]

        def tail(one: Drawn, number: int) -> Sent:
            until = late if number < _LEAST_CASES else deadline
            return self.sender.send(one.case, deadline=until, stream_seconds=seconds)

        with ThreadPoolExecutor(_TAILS_AT_ONCE, thread_name_prefix="fuzz-tail") as pool:
            answers = pool.map(tail, drawn, range(len(drawn)))
            for one, request, sent in zip(drawn, requests, answers, strict=True):
                self._judge("tailEvents", one.case, sent, expect(request), request)

    def _to_live(self, one: Drawn) -> bool:
        """Examples and literals always: on another session a text that is misunderstood would not be noticed."""
        return self.chance.random() >= UNKNOWN_SESSIONS or one.how in ("example", "literal")

    def _address(self, name: str, one: Drawn, *, to_live: bool) -> Request:
        """Give the case its session, and what else is known, and tell what it is then."""
        case, counts = one.case, self.origins[name]
        given = dress(name, case, self.known, self.chance, one.how)
        counts.update([one.how, *given])
        if name != "createSession":
            case.path_parameters = {"session_id": self.known.live if to_live else self.known.unknown}
            if name != "appendMessage":
                counts["the live session" if to_live else "an unknown session"] += 1
        return replace(
            self._request(name, case, to_live=to_live),
            repeated=to_live and "a repeated client_message_id" in given,
            extreme=one.how == "extreme",
        )

    def _request(self, name: str, case: Case, *, to_live: bool) -> Request:
        return Request(
            operation=name,
            body=case.body,
            has_body=case.body is not NOT_SET,
            query=case.query,
            headers=case.headers,
            live_session=to_live or name == "createSession",
            agent=self.known.agent,
            cursors=frozenset(self.known.latest_cursor),
            paths=self.known.fresh_paths,
        )

    def _take_in(self, name: str, case: Case, sent: Sent) -> None:
        for answer in sent.answers[-1:]:
            self.known.take_in(name, case, answer)
        attached = case.body.get("attachments") if name == "appendMessage" and isinstance(case.body, dict) else None
        if sent.answers and sent.answers[-1].status_code < HTTPStatus.BAD_REQUEST and isinstance(attached, list):
            self.known.used.update(str(one.get("blob_path")) for one in attached if isinstance(one, dict))

    def _judge(
        self, name: str, case: Case, sent: Sent, expectation: Expectation, request: Request | None = None
    ) -> None:
        findings = findings_on(name, case, sent, expectation, self.sender.api_key)

        def again(smaller: Case) -> list[Finding]:
            to_live = case.path_parameters.get("session_id") != self.known.unknown
            wanted = expect(self._request(name, smaller, to_live=to_live))
            message = name == "appendMessage"
            if message and to_live and not self.sender.budget.left:
                # Whatever is sent, this target may take it for a message, and start a turn.
                return []
            resent = self.sender.send_once(
                smaller,
                deadline=self.deadline,
                stream_seconds=_TAIL_SECONDS[0] if name == "tailEvents" else 0.0,
                message=message,
                may_start=message and to_live and wanted.verdict is not Verdict.REFUSED,
            )
            self.origins[name]["a shortened failure"] += 1
            return findings_on(name, smaller, resent, wanted, self.sender.api_key)

        reducible = request is not None and not request.repeated
        self.notes.take(name, case, findings, self.sender.api_key, again if reducible else None)


def findings_on(name: str, case: Case, sent: Sent, expectation: Expectation, api_key: str) -> list[Finding]:
    """What is wrong with the answers to one case, a lasting silence included."""
    findings = [finding for answer in sent.answers for finding in judge(name, case, answer, expectation)]
    findings += [finding for answer in sent.answers for finding in leaking(case, answer, api_key)]
    return [*findings, Finding("FUZZ-01", "an answer", sent.trouble)] if sent.trouble else findings
