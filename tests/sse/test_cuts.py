"""Wherever the network cuts the stream, the events are the same, and they come as early as they can."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.sse import Event, EventDecoder, Unfinished

_LINES = st.sampled_from(
    [b"data: a", b"data", b"data:", b"id: 1", b"id", b"id: \0", b"event: e", b": c", b"retry: 7", b"\xef\xbb\xbf", b"x"]
)
_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n", b"\r\n\r\n", b"\r\r"])
STREAMS = st.one_of(
    st.lists(st.tuples(_LINES, _ENDS).map(b"".join), max_size=12).map(b"".join),
    st.text(alphabet="\r\n: adti\u20ac\U0001f44d\u2028", max_size=40).map(str.encode),
    st.binary(max_size=40),
)


def read(*chunks: bytes) -> tuple[list[Event], Unfinished | None, tuple[object, ...]]:
    decoder = EventDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    unfinished = decoder.end()
    return events, unfinished, (decoder.last_event_id, decoder.retry, decoder.comments, decoder.undispatched)


@given(STREAMS, st.lists(st.integers(0, 60), max_size=8))
def test_any_cut_gives_the_same_events(stream: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:stop] for start, stop in pairwise(edges)]
    assert read(*pieces) == read(stream)


@given(STREAMS)
def test_byte_by_byte_gives_the_same_events(stream: bytes) -> None:
    assert read(*(bytes([byte]) for byte in stream)) == read(stream)


def by_the_letter(stream: bytes) -> list[Event]:
    """The standard's algorithm on a whole stream, as slow and as literal as it is written there."""
    text = stream.decode(errors="replace").removeprefix("\ufeff")
    data = name = last_id_buffer = last_id = ""
    given_id: str | None = None
    retry: int | None = None
    events = []
    *lines, _unfinished = re.split("\r\n|\r|\n", text)
    for line in lines:
        if not line:
            last_id = last_id_buffer
            if data:
                events.append(Event(data[:-1], name, given_id, last_id, retry))
            data, name, given_id, retry = "", "", None, None
            continue
        field, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if field == "data":
            data += value + "\n"
        elif field == "event":
            name = value
        elif field == "id" and "\0" not in value:
            given_id = last_id_buffer = value
        elif field == "retry" and re.fullmatch("[0-9]+", value):
            retry = int(value)
    return events


@given(STREAMS)
def test_the_events_are_those_of_the_standards_own_algorithm(stream: bytes) -> None:
    # Decoding line by line replaces broken UTF-8 exactly as decoding the whole stream does.
    assert read(stream)[0] == by_the_letter(stream)


_VALUES = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))


@given(
    st.lists(
        st.builds(
            Event,
            data=st.lists(_VALUES, min_size=1).map("\n".join),
            event=_VALUES,
            id=st.none() | _VALUES,
            last_event_id=st.just(""),
            retry=st.none() | st.integers(0, 10**9),
        )
    ),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_what_is_written_is_read(events: list[Event], line_end: str) -> None:
    lines: list[str] = []
    for event in events:
        lines += [f"event: {event.event}"] if event.event else []
        lines += [] if event.id is None else [f"id: {event.id}"]
        lines += [] if event.retry is None else [f"retry: {event.retry}"]
        lines += [*(f"data: {line}" for line in event.data.split("\n")), ""]
    stream = "".join(line + line_end for line in lines).encode()

    got, unfinished, _ = read(stream)

    assert [(e.data, e.event, e.id, e.retry) for e in got] == [(e.data, e.event, e.id, e.retry) for e in events]
    assert unfinished is None
    last = ""
    for event in got:
        last = last if event.id is None else event.id
        assert event.last_event_id == last


@pytest.mark.parametrize("blank", [b"\n\n", b"\r\n\r\n", b"\r\r", b"\r\n\r"])
def test_an_event_is_given_with_the_last_byte_that_it_needs(blank: bytes) -> None:
    decoder = EventDecoder()
    assert [event.data for event in decoder.feed(b"data: a" + blank)] == ["a"]


def test_the_lf_of_a_crlf_cut_in_two_makes_no_further_line() -> None:
    decoder = EventDecoder()
    assert len(decoder.feed(b"data: a\r")) == 0
    assert len(decoder.feed(b"\n")) == 0, "the LF was taken for the blank line"
    assert len(decoder.feed(b"\r")) == 1
    assert [event.data for event in decoder.feed(b"\ndata: b\n\n")] == ["b"]


def test_an_empty_chunk_changes_nothing() -> None:
    decoder = EventDecoder()
    decoder.feed(b"data: a\r")
    decoder.feed(b"")
    assert decoder.feed(b"\n") == []


@pytest.mark.parametrize(
    ("stream", "unfinished"),
    [
        (b"", None),
        (b"data: a\n\n", None),
        (b"data: a\r\r", None),
        (b"data: a\n\n: heartbeat", None),
        (b"data: a\n\n: heartbeat\n", None),
        (b"\xef\xbb\xbf", None),
        (b"data: a\nid: 1\nda", Unfinished("a", "1", "da")),
        (b"data: a\ndata: b\n", Unfinished("a\nb", None, "")),
        (b"data: \xe2\x82", Unfinished("", None, "data: \ufffd")),
        (b"id: 1\n", Unfinished("", "1", "")),
        (b"data: a\n: heartbeat", Unfinished("a", None, ": heartbeat")),
    ],
)
def test_the_end_drops_an_unfinished_event_and_tells(stream: bytes, unfinished: Unfinished | None) -> None:
    assert read(stream)[1] == unfinished
