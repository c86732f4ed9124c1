"""Send cases to the target: bounded in time, obedient to its rate limit, and within the budget of turns."""

from __future__ import annotations

import math
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus

import requests
import schemathesis

from conformance.fuzz.bounding import BoundedAdapter, TooLong
from conformance.fuzz.generation import Case

ANSWER_SECONDS = 10.0
"""The longest wait for an answer. No page promises a time; a target that needs more cannot be fuzzed."""
_QUICK_SECONDS = 2.5
"""Who has answered an operation within this is expected to answer it within ANSWER_SECONDS, if he is asked twice."""
_BUSY_ATTEMPTS = 3
_BUSY_SECONDS = 0.5
_OUTAGE_SECONDS = (0.2, 0.8)
_RECOVERY_SECONDS = (0.3, 0.6, 1.2, 2.4)
"""How long it is waited, in all, for a target that answers nothing to come back."""
_OUTAGES_PROVED = 2
"""After so many lasting 5xx nothing is learnt from more, and each costs its back-off. Later ones are not judged."""

# What requests refuses to put on the wire. Such a case says nothing about the target.
_UNSENDABLE = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidJSONError,
)


@dataclass
class TurnBudget:
    """202s that the target may still give. `started` counts those seen, `doubtful` the posts whose end is unknown."""

    allowed: int
    started: int = 0
    doubtful: int = 0

    @property
    def left(self) -> bool:
        """Whether one more message may be sent that could start a turn."""
        return self.started + self.doubtful < self.allowed

    @property
    def overdrawn(self) -> bool:
        """Whether the target has started turns that nobody asked for."""
        return self.started > self.allowed


@dataclass(frozen=True)
class Sent:
    """What came of one case.

    `answers` are all responses that were not retried away, the last one to be judged in full: a 429 on the way stays,
    since it has headers of its own to show. `trouble` is the transport's error when there was no response. Both are
    empty if the target did not get to answer in the time that we left it.
    """

    answers: tuple[schemathesis.Response, ...] = ()
    trouble: str = ""


class _Bearer(requests.auth.AuthBase):
    """The credential; none for an empty one. As an auth object it keeps requests from taking another one out of ~/.netrc."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._api_key:
            request.headers["Authorization"] = f"Bearer {self._api_key}"
        return request


@dataclass
class Sender:
    """Sends cases with one credential (an empty one: with none), counts them, and keeps the account of turns.

    Messages are to be sent from one thread; everything else may be sent from several.
    """

    api_key: str
    budget: TurnBudget
    count: int = 0
    slowest: float = 0.0
    outages: int = 0
    """Requests that got a 5xx to the last attempt."""
    blocked_until: float = 0.0
    """Until then, of time.monotonic(), the target wants no request. What cannot wait so long is not sent."""
    behind: Sender | None = None
    """Whose waits are obeyed, too; not the other way round: who is limited for a bad key is limited alone."""
    _quickest: dict[str, float] = field(default_factory=dict)
    """Seconds of the quickest answer, by operation."""
    _answered: dict[str, Case] = field(default_factory=dict)
    """By method, the last case that was answered, and with no 5xx: it shows whether the target still answers anything."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: threading.local = field(default_factory=threading.local)

    def send_once(
        self,
        case: Case,
        *,
        deadline: float,
        stream_seconds: float = 0.0,
        message: bool = False,
        may_start: bool = False,
    ) -> Sent:
        """Send a case again to see whether what was found is still there: one attempt, and no back-off after a 5xx.

        A 429 is waited for. `may_start`: as in `send_message`.
        """
        return self._send(
            case, deadline, stream_seconds=stream_seconds, message=message, may_start=may_start, once=True
        )

    def send(self, case: Case, *, deadline: float, stream_seconds: float = 0.0) -> Sent:
        """Send one case that is no message; again after a 429, and after a 5xx with back-off (G7, G8).

        `deadline` is of time.monotonic(). `stream_seconds` limits a stream, from its request to its end; any other
        answer has ANSWER_SECONDS.
        """
        return self._send(case, deadline, stream_seconds=stream_seconds)

    def send_message(self, case: Case, *, deadline: float, may_start: bool) -> Sent:
        """Send one message. `may_start`: the pages allow it to start a turn.

        It is then sent within the budget only, each attempt anew, and tried again a few times while the session is
        busy (M10). An attempt whose end is unknown counts as a turn.
        """
        return self._send(case, deadline, message=True, may_start=may_start)

    def _send(
        self,
        case: Case,
        deadline: float,
        *,
        stream_seconds: float = 0.0,
        message: bool = False,
        may_start: bool = False,
        once: bool = False,
    ) -> Sent:
        kept: list[schemathesis.Response] = []
        outages = iter(_OUTAGE_SECONDS)
        refusals = 0
        silent = proved = False
        while True:
            blocked_until = max(self.blocked_until, self.behind.blocked_until if self.behind else 0.0)
            if not _pause(max(0.0, blocked_until - time.monotonic()), deadline):
                return Sent(tuple(kept))
            limit = min(stream_seconds or ANSWER_SECONDS, deadline - time.monotonic())
            if limit <= 0 or (may_start and not self.budget.left):
                return Sent(tuple(kept))
            try:
                response = self._once(case, limit, fresh_connection=message)
            except requests.exceptions.Timeout:
                self.budget.doubtful += may_start
                # A stream may stay silent, headers included, until its first event: open. And a wait that our own
                # deadline cut short shows nothing.
                patient = not stream_seconds and limit >= ANSWER_SECONDS and not once
                if not patient or self._quickest.get(case.operation.label, math.inf) > _QUICK_SECONDS:
                    return Sent(tuple(kept))
                if silent:
                    return Sent(tuple(kept), f"twice no answer within {ANSWER_SECONDS:g} s")
                if not self._is_up(deadline):
                    # It answers nothing at all: that is no word on this request.
                    return Sent(tuple(kept))
                silent = True
                continue
            except TooLong:
                return Sent(tuple(kept))
            except _UNSENDABLE:
                with self._lock:
                    self.count -= 1
                return Sent(tuple(kept))
            except requests.exceptions.RequestException as error:
                self.budget.doubtful += may_start
                if once:
                    return Sent(tuple(kept))
                pause = next(outages, None)
                if pause is None and proved:
                    return Sent(tuple(kept), f"no answer: {type(error).__name__}: {error}")
                if pause is None:
                    if not self._is_up(deadline):
                        return Sent(tuple(kept))
                    proved = True
                    continue
                if not _pause(pause, deadline):
                    # Once it proves nothing: a connection that was kept alive may just have ended.
                    return Sent(tuple(kept))
                continue
            wait: float | None = None
            status = response.status_code
            if status < HTTPStatus.OK:
                # requests takes an interim answer (103 Early Hints) for the last one; what came after it is not known.
                self.budget.doubtful += may_start
                return Sent(tuple(kept))
            if status == HTTPStatus.TOO_MANY_REQUESTS:
                kept.append(response)
                wait = _retry_after(response)
                self.blocked_until = time.monotonic() + wait
            elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                self.budget.doubtful += may_start
                if once:
                    return Sent((*kept, response))
                if self.outages >= _OUTAGES_PROVED:
                    return Sent(tuple(kept))
                wait = next(outages, None)
                if wait is None and not proved:
                    if not self._is_up(deadline):
                        return Sent(tuple(kept))
                    proved = True
                    continue
                self.outages += wait is None
                if wait is not None:
                    # Once it proves nothing, so without the time to ask again nothing is said of it.
                    if not _pause(wait, deadline):
                        return Sent(tuple(kept))
                    continue
            elif may_start and status == HTTPStatus.CONFLICT and refusals < _BUSY_ATTEMPTS:
                refusals += 1
                wait = _BUSY_SECONDS
            elif message and status == HTTPStatus.ACCEPTED:
                self.budget.started += 1
            if (
                not stream_seconds
                and status != HTTPStatus.TOO_MANY_REQUESTS
                and status < HTTPStatus.INTERNAL_SERVER_ERROR
            ):
                self._note_answered(case, response, message=message)
            if not _pause(wait, deadline):
                return Sent(tuple(kept) if status == HTTPStatus.TOO_MANY_REQUESTS else (*kept, response))

    def _note_answered(self, case: Case, response: schemathesis.Response, *, message: bool) -> None:
        with self._lock:
            label = case.operation.label
            self._quickest[label] = min(response.elapsed, self._quickest.get(label, math.inf))
            if not message:
                self._answered[case.method.upper()] = case

    def _is_up(self, deadline: float) -> bool:
        """Whether the target answers what it has answered before: a lasting 5xx to one request is then not an outage.

        A while is waited for it to come back. True where nothing was ever answered: there is nothing to compare with.
        """
        control = self._answered.get("GET") or next(iter(self._answered.values()), None)
        for pause in (0.0, *_RECOVERY_SECONDS):
            if control is None:
                return True
            limit = min(ANSWER_SECONDS, deadline - time.monotonic() - pause)
            if limit <= 0:
                return False
            time.sleep(pause)
            with suppress(requests.exceptions.RequestException):
                if self._once(control, limit, fresh_connection=True).status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                    return True
        return False

    def _once(self, case: Case, limit: float, *, fresh_connection: bool) -> schemathesis.Response:
        with self._lock:
            self.count += 1
        if fresh_connection:
            # On a connection that is kept alive, schemathesis sends a request a second time if the server had closed
            # it meanwhile. For a message that could be a second turn.
            with self._new_session() as session:
                response = case.call(session=session, timeout=limit, allow_redirects=False)
        else:
            response = case.call(session=self._session(), timeout=limit, allow_redirects=False)
        with self._lock:
            self.slowest = max(self.slowest, response.elapsed)
        return response

    def _session(self) -> requests.Session:
        if not hasattr(self._threads, "session"):
            self._threads.session = self._new_session()
        session: requests.Session = self._threads.session
        return session

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.auth = _Bearer(self.api_key)
        for scheme in ("http://", "https://"):
            session.mount(scheme, BoundedAdapter())
        return session


def _retry_after(response: schemathesis.Response) -> float:
    """Seconds to wait after a 429; one if it does not tell, which is judged elsewhere."""
    try:
        seconds = float(response.headers.get("retry-after", ["1"])[0])
    except ValueError:
        return 1.0
    return max(seconds, 0.0) if math.isfinite(seconds) else 1.0


def _pause(seconds: float | None, deadline: float) -> bool:
    """Wait, unless there is nothing to wait for or no time left afterwards. Whether to go on."""
    if seconds is None or time.monotonic() + seconds >= deadline:
        return False
    time.sleep(seconds)
    return True
