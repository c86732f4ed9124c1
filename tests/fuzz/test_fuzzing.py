"""FUZZ-01 finds what is broken, and nothing on a server that is merely different."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Collection
from typing import Any

import pytest
from starlette.responses import RedirectResponse, Response

from conformance.fuzz.operations import FuzzReport, FuzzSettings, fuzz_operations
from conformance.requirements import catalogue
from tests.fuzz.server import CHUNKS, KEY, Behaviour, Server, running

ALL: tuple[str, ...] = ("createSession", "appendMessage", "listMessages", "tailEvents", "requestUploadUrl")


def fuzz(
    server: Server,
    *,
    turns: int = 20,
    examples: int = 8,
    seconds: float = 45.0,
    seed: int = 1,
    only: Collection[str] = ALL,
) -> FuzzReport:
    return fuzz_operations(server.base_url, KEY, None, FuzzSettings(examples, turns, seconds, seed), only=only)


def broken(behaviour: Behaviour, **settings: Any) -> set[tuple[str, str]]:
    """The (operation, rule) pairs that are found on a server that behaves so."""
    with running(behaviour) as server:
        report = fuzz(server, **settings)
    assert server.seen["any"] >= report.requests > 0
    for failure in report.failures:
        assert failure.rule in catalogue(), failure
        assert KEY not in str(failure), "a report must not hold the key"
    return {(failure.operation, failure.rule) for failure in report.failures}


def events(*chunks: object, end: str = "\n\n") -> str:
    return "".join(f"data: {chunk if isinstance(chunk, str) else json.dumps(chunk)}{end}" for chunk in chunks)


def on(operation: str, change: Any, *statuses: int) -> Behaviour:
    """A server whose answers of one operation, with one of these statuses, are changed."""

    def answer(name: str, _body: Any, response: Response) -> Response | None:
        return change(response) if name == operation and response.status_code in statuses else None

    return Behaviour(answer=answer)


def without_header(name: str) -> Any:
    def change(response: Response) -> Response:
        del response.headers[name]
        return response

    return change


def with_header(name: str, value: str) -> Any:
    def change(response: Response) -> Response:
        response.headers[name] = value
        return response

    return change


def with_body(edit: Any) -> Any:
    def change(response: Response) -> Response:
        body = json.loads(bytes(response.body))
        edit(body)
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        return Response(json.dumps(body), response.status_code, headers)

    return change


def status(code: int) -> Any:
    def change(response: Response) -> Response:
        response.status_code = code
        return response

    return change


class AnyText:
    """A list of tiers that has every name."""

    def __contains__(self, tier: object) -> bool:
        return isinstance(tier, str)


LAWFUL = {
    "the plain one": Behaviour(),
    "201 for what is created": Behaviour(created=201, granted=201),
    "422 for bad input": Behaviour(refusal=422),
    "further fields everywhere": Behaviour(extra={"new": None, "more": [1]}, meta={"new": {}}),
    "all of meta": Behaviour(
        meta={"timings_ms": {"db": 1}, "warnings": ["w"], "pagination": {"has_more": False, "next_cursor": None}}
    ),
    "nulls in meta": Behaviour(meta={"timings_ms": None, "warnings": None, "pagination": None}),
    "another JSON media type": Behaviour(json_type="application/vnd.neo.v1+json; charset=utf-8"),
    "short numbers as ids": Behaviour(new_id=iter(map(str, range(1, 999))).__next__),
    "ids with a prefix": Behaviour(new_id=iter(f"ses_{n:08d}ABCDEFGH" for n in range(999)).__next__),
    "a stream with the sentinel, comments, CRLF and new fields": Behaviour(
        events=lambda: ": hi\r\n\r\nretry: 5\r\n\r\n" + events({**CHUNKS[1], "new": 1}, "[DONE]", end="\r\n\r\n")
    ),
    "data over several lines": Behaviour(events=lambda: 'data: {"type":\ndata: "start-step"}\n\n'),
    "a stream cut in the middle of an event": Behaviour(events=lambda: events(CHUNKS[0]) + 'data: {"type": "te'),
    "a stream that stays open": Behaviour(keep_open=30.0),
    "an endless number of events": Behaviour(events=lambda: events(*CHUNKS * 200), keep_open=30.0),
    "busy before each message": Behaviour(busy=1),
    "rate limited at first": Behaviour(limited=3),
    "two passing outages": Behaviour(outages=2),
}


@pytest.mark.parametrize("variation", LAWFUL)
def test_a_lawful_server_passes(variation: str) -> None:
    behaviour = LAWFUL[variation]
    # The plain server is asked for everything; what a variation cannot reach is left out.
    only = ALL if variation == "the plain one" else tuple(name for name in ALL if name != "appendMessage")
    if behaviour.events is not Behaviour.events or behaviour.keep_open:
        only = ("tailEvents",)
    if behaviour.busy or behaviour.refusal != 400:
        only = ("appendMessage",)
    assert broken(behaviour, examples=5, turns=3 if behaviour.busy else 20, only=only) == set()


def test_every_operation_is_asked_often() -> None:
    with running(Behaviour()) as server:
        report = fuzz(server, examples=40)
    assert report.failures == ()
    assert set(report.per_operation) == set(ALL)
    assert min(report.per_operation.values()) >= 40
    assert all(server.seen[name] >= count for name, count in report.per_operation.items())
    assert report.turns == server.turns > 1
    # Without a credential, and with an unknown one: once each.
    assert sum(server.statuses["tailEvents", code] for code in (200, 404)) == report.per_operation["tailEvents"]
    assert server.statuses["tailEvents", 401] == 2


BROKEN = {
    "a 500 on one operation": (on("listMessages", status(500), 200), ("listMessages", "ERR-04")),
    "a 500 for a bad body": (on("createSession", status(500), 400), ("createSession", "ERR-04")),
    "a media type that is not documented": (
        on("listMessages", with_header("content-type", "text/html"), 200),
        ("listMessages", "FUZZ-01"),
    ),
    "an error in HTML": (
        on("requestUploadUrl", with_header("content-type", "text/html"), 404),
        ("requestUploadUrl", "ERR-01"),
    ),
    "an error without its envelope": (
        on("createSession", with_body(lambda body: body.pop("error")), 400),
        ("createSession", "ERR-01"),
    ),
    "an error without a request id": (
        on("appendMessage", with_body(lambda body: body["meta"].clear()), 404),
        ("appendMessage", "ERR-01"),
    ),
    "a missing rate-limit header": (
        on("requestUploadUrl", without_header("x-ratelimit-reset"), 200),
        ("requestUploadUrl", "RATE-01"),
    ),
    "a reset in milliseconds": (
        on("createSession", with_header("x-ratelimit-reset", "1700000000000"), 200),
        ("createSession", "RATE-01"),
    ),
    "a 429 without Retry-After": (
        Behaviour(
            limited=2,
            answer=lambda _name, _body, response: (
                without_header("retry-after")(response) if response.status_code == 429 else None
            ),
        ),
        ("createSession", "RATE-02"),
    ),
    "a status that is not documented": (on("listMessages", status(206), 200), ("listMessages", "FUZZ-01")),
    "a redirect": (
        on("listMessages", lambda _response: RedirectResponse("/public-api/elsewhere"), 200),
        ("listMessages", "FUZZ-01"),
    ),
    "200 for an accepted message": (on("appendMessage", status(200), 202), ("appendMessage", "FUZZ-01")),
    "no cursor in the 202": (
        on("appendMessage", with_body(lambda body: body["data"].pop("since_cursor")), 202),
        ("appendMessage", "ACC-04"),
    ),
    "a number as the cursor": (
        on("appendMessage", with_body(lambda body: body["data"].update(since_cursor=1)), 202),
        ("appendMessage", "ACC-04"),
    ),
    "a grant of nothing": (
        on("requestUploadUrl", with_body(lambda body: body["data"].update(max_image_bytes=0)), 200),
        ("requestUploadUrl", "UPL-01"),
    ),
    "warnings as text": (
        on("listMessages", with_body(lambda body: body["meta"].update(warnings="w")), 200),
        ("listMessages", "ENV-03"),
    ),
    "a session title of the wrong type": (
        on("createSession", with_body(lambda body: body["data"].update(title=7)), 200),
        ("createSession", "SES-03"),
    ),
    "an accepted seventh attachment": (Behaviour(attachments_taken=99), ("appendMessage", "ATT-02")),
    "an accepted tier of any name": (
        Behaviour(tiers=AnyText()),
        ("appendMessage", "TIER-02"),
    ),
    "a bad body that is accepted": (
        on("requestUploadUrl", lambda response: with_header("x", "y")(accepted_grant(response)), 400),
        ("requestUploadUrl", "ERR-03"),
    ),
    "a valid message refused as an error": (
        Behaviour(answer=lambda name, body, response: refuse(name, body, response, "appendMessage")),
        ("appendMessage", "ACC-01"),
    ),
    "a valid session refused": (
        Behaviour(answer=lambda name, body, response: refuse(name, body, response, "createSession")),
        ("createSession", "SES-01"),
    ),
    "an unknown chunk in the stream": (
        Behaviour(events=lambda: events(CHUNKS[0], {"type": "text"})),
        ("tailEvents", "EVT-03"),
    ),
    "a null in a chunk's optional field": (
        Behaviour(events=lambda: events({"type": "start", "messageId": None})),
        ("tailEvents", "EVT-03"),
    ),
    "an event that is not JSON": (Behaviour(events=lambda: events("ping")), ("tailEvents", "EVT-03")),
    "a stream in JSON": (
        on("tailEvents", with_header("content-type", "application/json"), 200),
        ("tailEvents", "EVT-01"),
    ),
    "a tail of any session": (on("tailEvents", status(200), 404), ("tailEvents", "ERR-02")),
}


def accepted_grant(response: Response) -> Response:
    grant = {"blob_path": "b", "max_image_bytes": 9, "mime": "image/png", "upload_url": "https://b/x"}
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(json.dumps({"data": grant, "meta": {"request_id": "r"}}), 200, headers)


def refuse(name: str, body: Any, response: Response, operation: str) -> Response | None:
    """What was accepted and has a text of its own is refused."""
    texts = isinstance(body, dict) and (body.get("title") or body.get("message"))
    return refusal(422, response) if name == operation and texts and response.status_code < 300 else None


def refusal(code: int, response: Response) -> Response:
    """A lawful refusal in place of the response, with a long wait to be asked for should it be a 429."""
    error = {"error": {"code": "x", "message": "no"}, "meta": {"request_id": "r"}}
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(json.dumps(error), code, {**headers, "content-type": "application/json", "retry-after": "99"})


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_server_is_caught(fault: str) -> None:
    behaviour, expected = BROKEN[fault]
    assert expected in broken(behaviour, examples=6, only=[expected[0]])


def test_a_5xx_on_a_made_up_cursor_is_a_should_of_its_own() -> None:
    with running(Behaviour(bad_cursor=500)) as server:
        report = fuzz(server, examples=20, only=["tailEvents"])
    assert {failure.rule for failure in report.failures} == {"CUR-10"}
    assert catalogue()["CUR-10"].level == "SHOULD"


def test_without_turns_not_one_is_started() -> None:
    with running(Behaviour()) as server:
        report = fuzz(server, turns=0, examples=20)
    assert (report.turns, server.turns) == (0, 0)
    assert report.failures == ()
    assert server.statuses["appendMessage", 400] > 10, "surely refused messages go to the live session"
    assert server.statuses["appendMessage", 404] > 10, "all others to one that does not exist"


@pytest.mark.parametrize("turns", [1, 3])
def test_no_more_turns_than_allowed(turns: int) -> None:
    with running(Behaviour()) as server:
        report = fuzz(server, turns=turns, only=["appendMessage"])
    assert report.turns == server.turns == turns
    assert report.failures == ()


def test_a_target_that_starts_turns_unasked_is_left_alone() -> None:
    with running(Behaviour(attachments_taken=99, tiers=AnyText())) as server:
        report = fuzz(server, turns=0, only=["appendMessage"])
    assert report.failures
    assert report.turns == server.turns == 1


def test_the_seed_decides_what_is_sent() -> None:
    bodies: list[list[str]] = []
    for seed in (5, 5, 6):
        sent: list[str] = []

        def answer(name: str, body: Any, _response: Response, sent: list[str] = sent) -> None:
            if name == "requestUploadUrl":
                sent.append(repr(body))

        with running(Behaviour(answer=answer)) as server:
            fuzz(server, seed=seed, only=["requestUploadUrl"])
        # Four at a time: they may overtake each other.
        bodies.append(sorted(sent))
    assert bodies[0] == bodies[1] != bodies[2]


def test_the_deadline_holds_on_a_slow_target() -> None:
    def answer(_name: str, _body: Any, _response: Response) -> None:
        threading.Event().wait(0.1)

    with running(Behaviour(answer=answer, keep_open=30.0)) as server:
        report = fuzz(server, seconds=5.0, examples=10)
    assert report.seconds < 5.0 * 1.5 + 2.0, "half of the time may be overdrawn for the first cases of each operation"
    assert report.failures == ()
    assert min(report.per_operation.values()) > 0, "each operation has its share of the time"


def test_a_wait_that_the_target_asks_for_is_obeyed() -> None:
    def answer(_name: str, _body: Any, response: Response) -> Response | None:
        return refusal(429, response) if server.seen["any"] >= 4 else None

    with running(Behaviour(answer=answer)) as server:
        report = fuzz(server, seconds=5.0)
    assert report.failures == ()
    assert report.per_operation["tailEvents"] == 0
    assert report.requests <= 5, "nothing is sent while the target wants no request"


@pytest.mark.parametrize("code", [403, 404, 429])
def test_without_a_session_nothing_is_judged_and_the_reason_is_given(code: int) -> None:
    def answer(_name: str, _body: Any, response: Response) -> Response:
        return refusal(code, response)

    with running(Behaviour(answer=answer)) as server:
        report = fuzz(server)
    assert report.failures == ()
    assert set(report.per_operation.values()) == {0}
    assert f"{code}" in report.unasked


def test_a_target_that_drops_connections_is_reported() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drop() -> None:
        while not stop.is_set():
            connection, _ = listener.accept()
            connection.close()

    threading.Thread(target=drop, daemon=True).start()
    server = Server(f"http://127.0.0.1:{listener.getsockname()[1]}", Behaviour())
    report = fuzz(server, seconds=5.0)
    stop.set()
    listener.close()
    assert [failure.operation for failure in report.failures] == ["createSession"]
    assert "no answer" in report.failures[0].came
