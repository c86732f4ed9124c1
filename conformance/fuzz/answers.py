"""Judge one answer: against the document by schemathesis' checks, and against what the request deserved.

Checks of schemathesis that are on: status_code_conformance, content_type_conformance, response_headers_conformance,
response_schema_conformance (every event of a stream among it). `not_a_server_error` is on in a form of our own, which
names the requirement. Off, each because it would assert an open point or belongs elsewhere:

- positive_data_acceptance, negative_data_rejection: see expectation.py, which takes their place;
- unsupported_method, allow_header_conformance: answers to other methods are on no page;
- missing_required_header: no operation has a required header but the credential;
- ignored_auth, object_level_authorization: they send requests of their own, past the budget and the limits, and take any
  4xx for a refusal. strangers.py does the same on every operation, with the statuses that the pages state;
- use_after_free, ensure_resource_availability: deleting is on no page, and a busy or lagging store is open;
- max_response_time: no page promises a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import schemathesis
from schemathesis.core import NOT_SET
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.openapi import checks as failures
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from conformance.evidence import is_heartbeat
from conformance.fuzz.expectation import Expectation, Verdict
from conformance.fuzz.generation import Case
from conformance.journeys.probes.texts import as_json, looks_like_an_attack
from conformance.judging.json_leaves import texts
from conformance.recording import Frame
from conformance.sse import Event, EventDecoder, StreamTooLarge

_CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

# A refusal for what the request is. 401, 402, 403, 409, 413 and 429 depend on who asks, and when.
_MISUNDERSTOOD = frozenset({400, 404, 405, 415, 422})

# A key that was withdrawn meanwhile, and a request that came too slowly: neither is about what was asked for.
_ABOUT_THE_CLIENT = frozenset({401, 408})

# Too much of a request: whoever stands before the API may answer these, with an answer of its own.
_TRANSPORT = frozenset({413, 414, 431})
_JSON = re.compile(r"\s*application/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)

_SHOWN_CHARACTERS = 300

# Which requirement a part of a success's body belongs to. The first match counts.
_RULES_OF_BODIES = (
    ("", r"^meta/request_id", "ENV-01"),
    ("", r"^meta/", "ENV-03"),
    ("appendMessage", r"^data/(chat_turn_id|user_message_id)", "ACC-03"),
    ("appendMessage", r"^data/since_cursor", "ACC-04"),
    ("appendMessage", r"^data/show_agent_progress_steps", "ACC-05"),
    ("appendMessage", r"", "ACC-02"),
    ("createSession", r"^data/(?!id$)", "SES-03"),
    ("requestUploadUrl", r"^data", "UPL-01"),
    ("tailEvents", r"", "EVT-03"),
)


@dataclass(frozen=True)
class Finding:
    """A departure: the requirement that it breaks, what was expected, what came, and with which status.

    Of several with the same rule, expectation and `kind` one is enough. Status 0: no answer came.
    """

    rule: str
    expected: str
    came: str
    kind: str = ""
    status: int = 0


def judge(operation: str, case: Case, response: schemathesis.Response, expectation: Expectation) -> list[Finding]:
    """All findings on one answer, none if it is lawful. A 429 is judged as a document, not as a refusal."""
    status = response.status_code
    came = _shown(response)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # A made-up cursor must not produce a 5xx either, but that only follows from the pages.
        cursor = operation == "tailEvents" and ("since" in case.query or "Last-Event-Id" in case.headers)
        return [Finding("CUR-10" if cursor else "ERR-04", "no 5xx, whatever is sent", came, status=status)]
    findings = [] if _from_a_proxy(case, response) else document_findings(operation, case, response)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return findings
    if expectation.verdict is Verdict.REFUSED and not _refused(status, expectation.only):
        named = " or ".join(map(str, sorted(expectation.only))) or "a refusal (4xx)"
        findings.append(Finding(expectation.rule, f"{named}: {expectation.reason}", came, status=status))
    if expectation.verdict is Verdict.ACCEPTED and status in _MISUNDERSTOOD:
        findings.append(
            Finding(expectation.rule, f"no refusal as bad input: {expectation.reason}", came, status=status)
        )
    return findings


def _refused(status: int, only: frozenset[int]) -> bool:
    return status in only | _ABOUT_THE_CLIENT if only else status >= HTTPStatus.BAD_REQUEST


def document_findings(operation: str, case: Case, response: schemathesis.Response) -> list[Finding]:
    """What of an answer is not as the document has it: its status, its content type, its headers, its body or events."""
    came = _shown(response)
    return [_finding(operation, response.status_code, failure, came) for failure in _departures(case, response)]


def _from_a_proxy(case: Case, response: schemathesis.Response) -> bool:
    """Whether a refusal need not be the API's own, and so has neither its form nor its headers.

    Whoever stands before the API may refuse too much of a request, a query or a header that is no plain text, and (with
    403) a body that it takes for an attack.
    """
    status = response.status_code
    content_type = response.headers.get("content-type", [""])[0]
    if not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR or _JSON.match(content_type):
        return False
    given = [*case.query.items(), *case.headers.items()]
    odd = any(not _is_plain(str(text)) for pair in given for text in pair)
    return status in _TRANSPORT or odd or (status == HTTPStatus.FORBIDDEN and _is_suspect(case.body))


def _is_suspect(body: Any) -> bool:
    """Whether a firewall may take the body for an attack: bytes that are no JSON of ours, odd characters, known marks."""
    if body is NOT_SET or isinstance(body, bytes):
        return isinstance(body, bytes)
    return not all(map(_is_plain, texts(body))) or looks_like_an_attack(as_json(body))


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _departures(case: Case, response: schemathesis.Response) -> list[Failure]:
    try:
        case.validate_response(_as_documented(response), checks=_CHECKS)
    except FailureGroup as group:
        return [failure for failure in group.exceptions if isinstance(failure, Failure)]
    return []


def _as_documented(response: schemathesis.Response) -> schemathesis.Response:
    """The response, in two places put so that schemathesis reads it as the pages and the standards mean it."""
    content_type = response.headers.get("content-type", [""])[0]
    if re.match(r"\s*application/[\w.+-]+\+json\s*(;|$)", content_type, re.IGNORECASE):
        # The pages ask for JSON. Which of its media types is open; the document has to name one.
        response.headers["content-type"] = ["application/json"]
    elif re.match(r"\s*text/event-stream\s*(;|$)", content_type, re.IGNORECASE):
        # Written anew from what our own reader makes of it: an event without its blank line is dropped (WHATWG HTML),
        # where schemathesis takes it for a whole one, and heartbeats are open (E6).
        response.content = b"".join(_wire(event) for event in _envelopes(response.content))
    return response


def _envelopes(stream: bytes) -> list[Event]:
    try:
        events = EventDecoder().feed(stream)
    except StreamTooLarge as stopped:
        events = stopped.events
    return [event for event in events if not is_heartbeat(Frame(0.0, event))]


def _wire(event: Event) -> bytes:
    lines = [] if event.id is None else [f"id: {event.id}"]
    lines += [f"event: {event.event}"] if event.event else []
    lines += [f"data: {line}" for line in event.data.split("\n")]
    return ("\n".join(lines) + "\n\n").encode("utf-8", "surrogatepass")


def _finding(operation: str, status: int, failure: Failure, came: str) -> Finding:
    detail = " ".join(_without_schema(failure.message).split())[:_SHOWN_CHARACTERS]
    return Finding(
        _rule(operation, status, failure), "an answer as the document has it", f"{detail}: {came}", detail, status
    )


def _without_schema(message: str) -> str:
    # The rest of schemathesis' text quotes the schema and the value at length.
    return re.split(r"\n\n(?:Schema|Validated)", message, maxsplit=1)[0]


def _rule(operation: str, status: int, failure: Failure) -> str:
    if isinstance(failure, failures.UndefinedStatusCode):
        return "FUZZ-01"
    header_names = str(getattr(failure, "missing_headers", ""))
    if isinstance(failure, failures.MissingHeaders) or "header" in failure.title:
        return "RATE-02" if "Retry-After" in header_names and "RateLimit" not in header_names else "RATE-01"
    if status >= HTTPStatus.BAD_REQUEST:
        return "ERR-01"
    if isinstance(failure, failures.JsonSchemaError):
        missing = re.match(r'"(\w+)" is a required property', failure.message)
        place = "/".join([*map(str, failure.instance_path), *(missing.groups() if missing else ())])
        for named, pattern, rule in _RULES_OF_BODIES:
            if named in ("", operation) and re.search(pattern, place):
                return rule
        return "FUZZ-01"
    if operation == "tailEvents":
        typed = isinstance(failure, failures.UndefinedContentType | failures.MissingContentType)
        return "EVT-01" if typed else "EVT-03"
    return "ACC-02" if operation == "appendMessage" else "FUZZ-01"


def _shown(response: schemathesis.Response) -> str:
    body = " ".join((response.text or "").split())
    if len(body) > _SHOWN_CHARACTERS:
        body = f"{body[:_SHOWN_CHARACTERS]}…"
    content_type = response.headers.get("content-type", ["no content type"])[0]
    return f"{response.status_code} ({content_type}) {body}".rstrip()
