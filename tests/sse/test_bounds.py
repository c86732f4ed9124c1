"""A stream may be long; one event may not be endless, and no shape of it may take quadratic time."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest

from conformance.sse import EventDecoder, StreamTooLarge


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(b"data: " + b"a" * 95, id="a line without an end"),
        pytest.param(b"data: " + b"a" * 95 + b"\n\n", id="a line with an end"),
        pytest.param(b": " + b"a" * 99, id="a comment without an end"),
        pytest.param(b"data: 8\n" * 15, id="a block without an end"),
        pytest.param(b"data\n" * 26, id="a block of empty data"),
    ],
)
@pytest.mark.parametrize("cut", [1, 7, 1000])
def test_an_event_over_the_bound_is_refused(stream: bytes, cut: int) -> None:
    decoder = EventDecoder(max_event_bytes=100)
    pieces = [stream[start : start + cut] for start in range(0, len(stream), cut)]
    with pytest.raises(StreamTooLarge, match="more than 100 bytes"):
        list(map(decoder.feed, pieces))
    with pytest.raises(StreamTooLarge):
        decoder.feed(b"\n\n")


def test_an_event_of_the_bound_itself_is_read() -> None:
    assert len(EventDecoder(max_event_bytes=100).feed(b"data: " + b"a" * 94 + b"\n\n")) == 1


def test_the_bound_is_that_of_one_event_not_of_the_stream() -> None:
    decoder = EventDecoder(max_event_bytes=100)
    assert len(decoder.feed(b"data: " + b"a" * 80 + b"\n\n")) == 1
    assert len(decoder.feed(b": heartbeat without a blank line\n" * 100)) == 0
    assert len(decoder.feed((b"data: " + b"a" * 80 + b"\n\n") * 100)) == 100


def test_the_events_before_the_large_one_are_not_lost() -> None:
    with pytest.raises(StreamTooLarge) as caught:
        EventDecoder(max_event_bytes=20).feed(b"data: a\n\ndata: b\n\ndata: " + b"c" * 20)
    assert [event.data for event in caught.value.events] == ["a", "b"]


def seconds_for(chunks: Iterable[bytes]) -> float:
    decoder = EventDecoder(max_event_bytes=64 * 1024 * 1024)
    began = time.process_time()
    for chunk in chunks:
        decoder.feed(chunk)
    return time.process_time() - began


@pytest.mark.parametrize(
    "chunk",
    [
        pytest.param(b"a", id="one long line"),
        pytest.param(b"data\n", id="one long block"),
        pytest.param(b"\r", id="line ends"),
        pytest.param(b":\n", id="comments"),
    ],
)
def test_time_grows_with_the_bytes_and_not_with_their_square(chunk: bytes) -> None:
    # Sixteen times the chunks take 16 times as long, or 256 times if it is quadratic. The bound leaves room for noise.
    few = min(seconds_for([chunk] * 10_000) for _ in range(3))
    many = seconds_for([chunk] * 160_000)
    assert many < 80 * max(few, 0.002), f"{few:.4f} s for 10,000 chunks, {many:.4f} s for 160,000"
