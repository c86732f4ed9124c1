"""What a target sends or keeps back while it is fuzzed costs us no more than we allow, and an outage is not its input's doing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from conformance.fuzz import bounding, sending
from tests.fuzz.server import Behaviour, running
from tests.fuzz.test_fuzzing import fuzz

_PATIENCE = 60.0
"""Seconds within which a run of a few seconds has to end, however busy the machine is."""


def _endless(piece: bytes, pause: float) -> Iterator[bytes]:
    while True:
        yield piece
        time.sleep(pause)


@pytest.mark.parametrize(("piece", "pause"), [(b"[" * 50_000, 0.0), (b" ", 0.2)], ids=["fast", "a byte at a time"])
def test_an_endless_body_is_let_go(piece: bytes, pause: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounding, "BODY_BYTES", 500_000)
    asked = 0

    def before(request: Request) -> Response | None:
        nonlocal asked
        if request.method != "GET" or not request.url.path.endswith("/messages"):
            return None
        asked += 1
        return StreamingResponse(_endless(piece, pause), media_type="application/json")

    began = time.monotonic()
    with running(Behaviour(before=before)) as server:
        report = fuzz(server, only=["listMessages"], seconds=8.0)
        assert time.monotonic() - began < _PATIENCE
    assert asked, "no endless body was asked for"
    assert report.failures == ()


class _Outage:
    """After so many requests nothing but 503 for a while; `lasting`: only to requests with a cursor, and for good."""

    def __init__(self, after: int, seconds: float) -> None:
        self.after, self.seconds, self.seen, self.refused = after, seconds, 0, 0
        self.began: float | None = None

    def __call__(self, _request: Request) -> Response | None:
        self.seen += 1
        if self.seen == self.after:
            self.began = time.monotonic()
        if self.began is None or time.monotonic() - self.began >= self.seconds:
            return None
        self.refused += 1
        return Response("<html>", 503, media_type="text/html")


def test_an_outage_in_the_middle_is_no_failure() -> None:
    outage = _Outage(after=25, seconds=2.0)
    with running(Behaviour(before=outage)) as server:
        report = fuzz(server, seconds=30.0)
    assert outage.refused, "the outage never came"
    assert report.failures == ()
    assert report.per_operation["appendMessage"] > 0


def test_an_operation_that_is_out_while_the_others_answer_is_a_failure() -> None:
    def before(request: Request) -> Response | None:
        return Response("<html>", 503, media_type="text/html") if request.url.path.endswith("/upload-url") else None

    with running(Behaviour(before=before)) as server:
        report = fuzz(server, only=["requestUploadUrl", "listMessages"], seconds=12.0)
    assert ("requestUploadUrl", "ERR-04") in {(failure.operation, failure.rule) for failure in report.failures}


async def _late(seconds: float) -> AsyncIterator[bytes]:
    await asyncio.sleep(seconds)
    yield b"{}"


def _stalling(seconds: float, *, on_any: bool) -> Behaviour:
    """Its messages come late: on `on_any` request, or only where it is asked for more than plain digits."""

    def before(request: Request) -> Response | None:
        plain = all(value.isdigit() for value in request.query_params.values())
        if request.method != "GET" or not request.url.path.endswith("/messages") or (plain and not on_any):
            return None
        return StreamingResponse(_late(seconds), media_type="application/json")

    return Behaviour(before=before)


def test_a_stall_of_the_whole_server_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers nothing for a while (a failover), and then everything again."""
    monkeypatch.setattr(sending, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(sending, "_RECOVERY_SECONDS", (0.5, 1.0, 2.0))
    began: list[float] = []
    asked = 0

    def before(_request: Request) -> Response | None:
        nonlocal asked
        asked += 1
        if asked == 30:
            began.append(time.monotonic())
        left = 2.0 - (time.monotonic() - began[0]) if began else 0.0
        return StreamingResponse(_late(left), media_type="application/json") if left > 0 else None

    with running(Behaviour(before=before)) as server:
        report = fuzz(server, only=["listMessages", "requestUploadUrl"], seconds=20.0)
    assert began, "the stall never came"
    assert [failure.rule for failure in report.failures if failure.rule == "FUZZ-01"] == []


def test_silence_to_some_input_is_a_failure_only_where_the_operation_is_quick_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "ANSWER_SECONDS", 0.6)
    with running(_stalling(1.0, on_any=False)) as server:
        broken = fuzz(server, only=["listMessages"], seconds=5.0)
    with running(_stalling(1.0, on_any=True)) as server:
        slow = fuzz(server, only=["listMessages"], seconds=5.0)
    assert [failure.rule for failure in broken.failures][:1] == ["FUZZ-01"]
    assert slow.failures == ()
