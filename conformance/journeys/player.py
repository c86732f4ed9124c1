"""Sends one request after another (several at a time), reads each answer within bounds, and records it.

This is the only place that talks to the target for the scenarios.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import httpx

from conformance.journeys.limits import Limits
from conformance.journeys.reading import Reader, cancelled
from conformance.journeys.tails import Progress, Until
from conformance.outcomes import BadInput
from conformance.pacing import SENT_AT, PacedTransport
from conformance.recording import Break, Ending, Exchange, Headers, Operation, Piece, Received, Sent
from conformance.redaction import Redactor
from conformance.target import KEY_VARIABLE, OTHER_KEY_VARIABLE, Target, altered
from conformance.transport.guarded import HEADERS_WITHIN, GuardedTransport
from conformance.transport.intake import Intake
from conformance.transport.refused import NotSent
from conformance.transport.turns import TurnBudget, TurnTransport
from conformance.transport.upload_hosts import UploadHosts

MOST: Mapping[str, int] = {"limited": 100, "outage": 2}
"""How often a request is sent again for each cause, within the bound on all attempts."""


COOKIES_MOST = 50
"""A balancer may want its cookie back; more of them would only make each later request longer."""

IMPATIENT = 1 / 3
"""Of the time that a turn has, once another one waited in vain."""


class BrokeOff(Exception):  # noqa: N818 - it says what the journey did
    """A journey cannot go on: what it asked for was not given. The judges of that step say whose fault it is."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason


@dataclass(frozen=True)
class Activity:
    """What a journey does, and since when (seconds of the run)."""

    journey: str
    what: str
    since: float


class Player:
    """One run's client and its record.

    ``credential``: ``own``, ``other`` or ``none``, or a literal value of the Authorization header given as ``literal``.
    """

    def __init__(self, target: Target, limits: Limits) -> None:
        self.target = target
        self.limits = limits
        self.exchanges: list[Exchange] = []
        self.breaks: list[Break] = []
        self.turns = 0
        self.requests = 0
        self.ended: frozenset[str] = frozenset()
        self._activities: dict[str, Activity] = {}
        self._waited_in_vain = False
        self._start = time.monotonic()
        self.epoch = time.time()
        secrets = {KEY_VARIABLE: target.api_key, f"{KEY_VARIABLE}_ALTERED": altered(target.api_key)}
        if target.other_key:
            secrets[OTHER_KEY_VARIABLE] = target.other_key
        self._redactor = Redactor(secrets)
        self._credentials = {"own": f"Bearer {target.api_key}", "other": f"Bearer {target.other_key}", "none": None}
        # Environment proxies are for the outside world; a server on this machine is reached directly.
        inner = httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=limits.connections, max_keepalive_connections=32),
            trust_env=not target.on_loopback,
        )
        self._intake = Intake(limits.run_bytes)
        self._reader = Reader(limits, self.clock, self._intake)
        base_url = httpx.URL(target.base_url)
        self._uploads = UploadHosts(base_url)
        within = limits.connect_timeout + limits.answer_timeout
        guarded = GuardedTransport(inner, base_url, within, read_only=limits.read_only)
        self.budget = TurnBudget(limits.max_turns, count_doubtful=limits.count_doubtful_turns)
        self._client = httpx.AsyncClient(
            transport=TurnTransport(PacedTransport(guarded, self.clock), self.budget),
            timeout=httpx.Timeout(limits.answer_timeout, connect=limits.connect_timeout),
            follow_redirects=False,
        )

    @property
    def activity(self) -> str:
        """What the run waits for: the turn that has been waited for longest, or else what was begun last."""
        if not self._activities:
            return "starting"
        waiting = [a for a in self._activities.values() if a.what.startswith("waiting")]
        shown = min(waiting, key=lambda a: a.since) if waiting else list(self._activities.values())[-1]
        seconds = self.clock() - shown.since
        return f"{shown.journey}: {shown.what}{f' ({seconds:.0f} s)' if seconds >= 1 else ''}"

    @activity.setter
    def activity(self, text: str) -> None:
        """``JOURNEY: WHAT``."""
        journey, _, what = text.partition(": ")
        self._activities.pop(journey, None)
        self._activities[journey] = Activity(journey, what, self.clock())

    def activity_of(self, journey: str) -> str:
        """What a journey does, as the name of a step."""
        found = self._activities.get(journey)
        return found.what if found else "start"

    def end(self, journey: str) -> None:
        """The journey is over."""
        self.ended |= {journey}
        self._activities.pop(journey, None)

    def patience(self) -> float:
        """How long to wait for a turn's end: once the target has let one wait in vain, the others need not wait so long.

        What is given up early is no evidence; the turn that was waited for in full is.
        """
        return self.limits.turn_timeout * (IMPATIENT if self._waited_in_vain else 1.0)

    def note_end(self, *, reached: bool) -> None:
        """A turn was read to its end, or waited for in vain."""
        self._waited_in_vain = not reached

    def clock(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._start

    def authorization(self, credential: str) -> str | None:
        """The Authorization header of a credential by name."""
        return self._credentials[credential]

    async def __aenter__(self) -> Player:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def play(
        self,
        journey: str,
        step: str,
        operation: Operation,
        request: httpx.Request,
        *,
        credential: str = "own",
        facts: Mapping[str, Any] | None = None,
        until: Until | None = None,
    ) -> Exchange:
        """Send, read, record, and return the exchange.

        :raises BrokeOff: a bound or a guard of ours kept the request from being sent.

        What says nothing yet is sent again, each attempt recorded: after a 429 (``STEP/limited-N``), an outage that the
        target or a gateway before it announces with 502, 503 or 504, or a connection that was dropped
        (``STEP/outage-N``). A 500 is not repeated: a fault that shows only now and then is a fault. Such an attempt keeps
        none of the step's facts but the session, so that whoever looks for a step's answer finds its last attempt alone.
        """
        exchange = await self.send(journey, step, operation, request, credential=credential, facts=facts, until=until)
        return self.keep(exchange)

    async def send(
        self,
        journey: str,
        step: str,
        operation: Operation,
        request: httpx.Request,
        *,
        credential: str = "own",
        facts: Mapping[str, Any] | None = None,
        until: Until | None = None,
    ) -> Exchange:
        """Like ``play``, but the last exchange is left to the caller to ``keep``, under a name of its choice."""
        known = dict(facts or {})
        attempts = Counter[str]()
        while True:
            exchange = await self._once(journey, step, operation, request, credential, known, until)
            interim = _interim(exchange)
            if interim is None or attempts.total() + 1 >= self.limits.attempts or attempts[interim] >= MOST[interim]:
                return exchange
            attempts[interim] += 1
            name = f"{step}/{interim}-{attempts[interim]}"
            kept = {key: known[key] for key in _KEPT_FACTS if key in known}
            self.keep(replace(exchange, step=name, facts={**kept, interim: True}))
            if interim == "outage":
                # Not all journeys at the same moment: what is recovering would be hit by all of them.
                await asyncio.sleep(self.limits.outage_pause * attempts[interim] * random.uniform(0.75, 1.25))

    def keep(self, exchange: Exchange) -> Exchange:
        self.exchanges.append(exchange)
        return exchange

    async def _once(
        self,
        journey: str,
        step: str,
        operation: Operation,
        request: httpx.Request,
        credential: str,
        facts: Mapping[str, Any],
        until: Until | None,
    ) -> Exchange:
        if self._intake.full:
            raise BrokeOff(step, f"the run has received all that it may ({self._intake.most >> 20} MB of memory)")
        content = request.content
        url: httpx.URL | str = request.url
        if operation == "put-blob":
            url = self._redactor.with_signatures(str(url))  # the journeys know it as it is recorded
        fresh = httpx.Request(request.method, url, headers=request.headers, content=content or None)
        sent_at = self.clock()
        answered_at = sent_at
        received: Received | None = None
        pieces: list[Piece] = []
        ending: Ending = "no-answer"
        problem: str | None = None
        self.requests += 1
        response: httpx.Response | None = None
        try:
            if operation == "put-blob":
                response = await self._client.send(await self._uploads.checked(fresh), stream=True)
            elif until is None:
                response = await self._client.send(fresh, stream=True)
            else:
                response = await self._open_tail(fresh, until)
            answered_at = self.clock()
            self._intake.take_headers(response.headers.raw)
            ending = "broken"
            if until is not None and response.status_code == 200:
                ending = await self._reader.tail(response, pieces, until)
            else:
                ending = await self._reader.body(response, pieces)
        except NotSent as reason:
            self.requests -= 1
            if operation != "put-blob":
                raise BrokeOff(step, str(reason)) from None
            problem = str(reason)  # an upload that may not leave: the judges know it as one that did not arrive
        except httpx.HTTPError as error:
            problem = f"{type(error).__name__}: {error}".rstrip(": ")
            if isinstance(error, httpx.TimeoutException) and ending == "broken":
                ending = "time-limit"
        except (httpx.InvalidURL, httpx.StreamError, ValueError, OverflowError) as error:
            problem = f"{type(error).__name__}: {error}".rstrip(": ")
        finally:
            if response is not None:
                with suppress(httpx.HTTPError):
                    await response.aclose()
        if response is not None:
            if len(self._client.cookies.jar) > COOKIES_MOST:
                self._client.cookies.clear()
            if operation == "request-upload-url":
                self._redactor.learn_signatures(b"".join(piece.data for piece in pieces))
            version = str(response.extensions.get("http_version", b"HTTP/1.1"), "ascii", "replace")
            received = Received(
                response.status_code,
                self._redactor.headers(_headers(response.headers)),
                self._redactor.pieces(tuple(pieces)),
                version,
            )
            if operation == "append-message" and response.status_code == 202:
                self.turns += 1
        return Exchange(
            journey=journey,
            step=step,
            operation=operation,
            credential=credential,
            sent=Sent(
                fresh.method,
                self._redactor.text(str(fresh.url)),
                self._redactor.headers(_headers(fresh.headers)),
                self._redactor.bytes(content),
            ),
            sent_at=fresh.extensions.get(SENT_AT, sent_at),
            answered_at=answered_at,
            ended_at=self.clock(),
            received=received,
            ending=ending,
            problem=self._redactor.text(problem) if problem else None,
            facts=facts,
        )

    async def _open_tail(self, request: httpx.Request, until: Until) -> httpx.Response:
        """Send, and wait for the headers as long as for the tail itself: a server may have nothing to send yet.

        :raises httpx.ReadTimeout: when they did not come in that time.
        """
        timeouts = {
            "connect": self.limits.connect_timeout,
            "write": self.limits.answer_timeout,
            "pool": None,
            "read": None,
        }
        request.extensions["timeout"] = timeouts
        request.extensions[HEADERS_WITHIN] = None
        # A tail that expects silence ends soon once it is open; to open it may still take a while on a busy machine.
        least = self.limits.headers_timeout
        patient = replace(
            until,
            seconds=max(until.seconds, least),
            silence=max(until.silence, least),
            settle=max(until.settle, least),
        )
        progress = Progress(patient, self.clock())
        sending = asyncio.create_task(self._client.send(request, stream=True))
        goal = asyncio.create_task(until.goal.event.wait()) if until.goal else None
        try:
            while not sending.done():
                if SENT_AT not in request.extensions:
                    # Still held back by a pause that the target asked for: that is no time of the tail's.
                    await asyncio.wait({sending}, timeout=0.05)
                    progress = Progress(patient, self.clock())
                    continue
                due, _ = progress.due(self.clock())
                waiting: set[asyncio.Task[Any]] = {sending}
                if goal is not None and not goal.done():
                    waiting.add(goal)
                left = max(0.0, due - self.clock())
                done, _ = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if not done:
                    waited = self.clock() - progress.opened_at
                    raise httpx.ReadTimeout(f"no headers within {waited:.1f} s")
            if until.opened is not None:
                until.opened.set()
            return sending.result()
        finally:
            for task in (sending, goal):
                await cancelled(task)

    async def reach(self, request: httpx.Request, journey: str, step: str, facts: Mapping[str, Any]) -> Exchange:
        """The very first call: a target that cannot be reached is the user's matter, not a verdict.

        :raises BadInput: nothing listens, the name is unknown, TLS cannot be verified, or what listens does not answer.
        """
        exchange = await self.play(journey, step, "create-session", request, facts=facts)
        if exchange.received is not None:
            return exchange
        problem = exchange.problem or "no answer"
        why = "the very first call got no answer that can be read"
        if problem.startswith(("ConnectError", "ConnectTimeout", "UnsupportedProtocol")):
            certificate = "CERTIFICATE" in problem.upper()
            why = "its TLS certificate cannot be verified" if certificate else "nothing answers there"
        raise BadInput(f"{self.target.base_url}: {why} ({problem})")


def _interim(exchange: Exchange) -> str | None:
    """Why an answer says nothing yet, as the name of the attempt; None where it is the answer."""
    if exchange.status == 429:
        return "limited"
    if exchange.status in _OUTAGES:
        return "outage"
    if exchange.received is None and (exchange.problem or "").startswith(_DROPPED):
        return "outage"
    return None


_OUTAGES = frozenset({502, 503, 504})
"""What a gateway answers while nothing behind it does; clients are told to retry (contract G8)."""
_KEPT_FACTS = ("session",)
_DROPPED = ("RemoteProtocolError", "ReadError", "WriteError")
"""httpx's words for a connection that ended without an answer; a timeout of ours is none of them."""


def _headers(headers: httpx.Headers) -> Headers:
    return tuple((key.decode("latin-1"), value.decode("latin-1")) for key, value in headers.raw)
