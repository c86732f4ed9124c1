"""A stream is the same whatever pieces it came in, on its way through a file too, and beside httpx-sse."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import httpx
from httpx_sse import EventSource
from hypothesis import given
from hypothesis import strategies as st

from conformance.evidence import envelopes
from conformance.recording import Ending, Exchange, Piece, Received, Recording, Sent
from conformance.recording_file import from_json, to_json

HEADERS = (("content-type", "text/event-stream"),)
TEXTS = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=12)
EVENTS = st.lists(st.tuples(TEXTS, st.lists(TEXTS, min_size=1, max_size=3)), min_size=1, max_size=5)
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
CUTS = st.lists(st.integers(0, 200), max_size=8)


def stream(events: list[tuple[str, list[str]]], end: str) -> bytes:
    lines = [line for id, data in events for line in (f"id: {id}", *(f"data: {one}" for one in data), "")]
    return "".join(line + end for line in lines).encode()


def received(content: bytes, cuts: list[int]) -> Received:
    bounds = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    return Received(200, HEADERS, tuple(Piece(float(at), content[a:b]) for at, (a, b) in enumerate(pairwise(bounds))))


@given(EVENTS, LINE_ENDS, CUTS)
def test_the_pieces_decide_the_times_and_nothing_else(
    events: list[tuple[str, list[str]]], end: str, cuts: list[int]
) -> None:
    content = stream(events, end)
    whole, cut = received(content, []), received(content, cuts)
    assert [one.event for one in cut.frames] == [one.event for one in whole.frames]
    assert [one.at for one in cut.frames] == sorted(one.at for one in cut.frames)
    assert cut.body == content


@given(EVENTS, LINE_ENDS, CUTS)
def test_httpx_sse_reads_the_same_frames(events: list[tuple[str, list[str]]], end: str, cuts: list[int]) -> None:
    # Where both agree by design: every block has data, and no byte order mark begins the stream.
    content = stream(events, end)
    answer = received(content, cuts)
    response = httpx.Response(200, headers=dict(HEADERS), content=iter([piece.data for piece in answer.pieces]))
    theirs = [(one.data, one.id) for one in EventSource(response).iter_sse()]
    assert [(one.event.data, one.event.last_event_id) for one in answer.frames] == theirs


@given(EVENTS, LINE_ENDS, CUTS, st.sampled_from(["terminal", "time-limit", "broken"]))
def test_a_recorded_stream_is_read_back_frame_by_frame(
    events: list[tuple[str, list[str]]], end: str, cuts: list[int], ending: Ending
) -> None:
    exchange = Exchange(
        "j", "s", "tail-events", "own", Sent("GET", "http://x/", (), b""), 0, 1, 2, received(stream(events, end), cuts), "closed"
    )  # fmt: skip
    exchange = replace(exchange, ending=ending)
    recording = Recording("t", "s", "x", "now", 0.0, 1.0, 1.0, ("own",), (exchange,))
    loaded = from_json(json.loads(json.dumps(to_json(recording)))).exchanges[0]
    assert loaded.frames == exchange.frames
    assert [e.id for e in envelopes(loaded.frames)] == [e.id for e in envelopes(exchange.frames)]
