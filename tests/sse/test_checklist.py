"""The checklist of launchdarkly/sse-contract-tests and of the WHATWG text's own examples, one stream a line."""

from __future__ import annotations

import pytest

from conformance.sse import Event, EventDecoder


def read(stream: bytes) -> list[Event]:
    return EventDecoder().feed(stream)


def data_of(stream: bytes) -> list[str]:
    return [event.data for event in read(stream)]


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        pytest.param(b"data: a\n\n", ["a"], id="one event"),
        pytest.param(b"data: a\n\ndata: b\n\n", ["a", "b"], id="two events"),
        pytest.param(b"data: a\ndata: b\n\n", ["a\nb"], id="two data lines are joined by LF"),
        pytest.param(b"data:a\n\n", ["a"], id="no space after the colon"),
        pytest.param(b"data:  a\n\n", [" a"], id="only one space is stripped"),
        pytest.param(b"data: a \n\n", ["a "], id="a trailing space stays"),
        pytest.param(b"data:\ta\n\n", ["\ta"], id="a tab is not a space"),
        pytest.param(b"data: a: b\n\n", ["a: b"], id="only the first colon cuts"),
        pytest.param(b"data\n\n", [""], id="a field without a colon has an empty value"),
        pytest.param(b"data:\n\n", [""], id="an empty data field still makes an event"),
        pytest.param(b"data\n\ndata\ndata\n\ndata:", ["", "\n"], id="an example of the standard"),
        pytest.param(b"data: a\n\n\n\ndata: b\n\n", ["a", "b"], id="further blank lines make no events"),
        pytest.param(b"\n\n\ndata: a\n\n", ["a"], id="leading blank lines make no events"),
        pytest.param(b"event: ping\n\n", [], id="no data, no event"),
        pytest.param(b"id: 1\nretry: 5\n\n", [], id="an id and a retry alone make no event"),
        pytest.param(b"Data: a\nDATA: b\n data: c\n\n", [], id="field names are exact"),
        pytest.param(b"other: a\ndata: b\nother\n\n", ["b"], id="an unknown field is ignored"),
        pytest.param(b"data: a", [], id="cut inside the line"),
        pytest.param(b"data: a\n", [], id="cut before the blank line"),
        pytest.param(b"data: a\n\ndata: b\n", ["a"], id="the cut event does not join the one before"),
        pytest.param(b"", [], id="an empty stream"),
        pytest.param(b": only a comment\n\n", [], id="a comment alone makes no event"),
        pytest.param(b":\ndata: a\n:b\ndata: c\n:data: d\n\n", ["a\nc"], id="comments inside an event"),
        pytest.param(b"data: \xf0\x9f\x91\x8d\xe2\x82\xac\n\n", ["\U0001f44d\u20ac"], id="multi-byte characters"),
        pytest.param(b"data: a\xffb\xe2\x82\ndata: c\n\n", ["a\ufffdb\ufffd\nc"], id="broken UTF-8 is replaced"),
        pytest.param(b"data: a\0b\n\n", ["a\0b"], id="NUL in data is an ordinary character"),
    ],
)
def test_data_is_what_the_standard_says(stream: bytes, data: list[str]) -> None:
    assert data_of(stream) == data


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_each_line_end_of_the_three_is_read(line_end: bytes) -> None:
    lines = [b"event: e", b"id: 1", b"data: a", b"data: b", b"", b"data: c", b"", b""]
    assert read(line_end.join(lines)) == [Event("a\nb", "e", "1", "1", None), Event("c", "", None, "1", None)]


def test_line_ends_may_be_mixed() -> None:
    assert data_of(b"data: a\r\ndata: b\rdata: c\n\rdata: d\n\r\n") == ["a\nb\nc", "d"]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\u0085", "\v", "\f", "\x1c", "\x1d", "\x1e"])
def test_what_else_unicode_calls_a_line_end_is_an_ordinary_character(separator: str) -> None:
    assert data_of(f"data: a{separator}data: b{separator}{separator}c\n\n".encode()) == [
        f"a{separator}data: b{separator}{separator}c"
    ]


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        pytest.param(b"\xef\xbb\xbfdata: a\n\n", ["a"], id="at the start it is dropped"),
        pytest.param(b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", [], id="only one is dropped"),
        pytest.param(b"\xef\xbb\xbf\ndata: a\n\n", ["a"], id="before a blank line"),
        pytest.param(b"data: a\n\n\xef\xbb\xbfdata: b\n\n", ["a"], id="later it belongs to the field name"),
        pytest.param(b"data: \xef\xbb\xbfa\n\n", ["\ufeffa"], id="in a value it is data"),
    ],
)
def test_byte_order_mark(stream: bytes, data: list[str]) -> None:
    assert data_of(stream) == data


@pytest.mark.parametrize(
    ("stream", "ids"),
    [
        pytest.param(b"id: 1\ndata\n\n", [("1", "1")], id="given"),
        pytest.param(b"data\nid: 1\n\n", [("1", "1")], id="given after the data"),
        pytest.param(b"id: 1\ndata\n\ndata\n\n", [("1", "1"), (None, "1")], id="it persists"),
        pytest.param(b"id: 1\ndata\n\nid\ndata\n\n", [("1", "1"), ("", "")], id="without a value it resets"),
        pytest.param(b"id: 1\ndata\n\nid: \ndata\n\n", [("1", "1"), ("", "")], id="an empty one resets"),
        pytest.param(b"id: 1\n\ndata\n\n", [(None, "1")], id="a block of an id alone counts"),
        pytest.param(b"id: 1\nid: 2\ndata\n\n", [("2", "2")], id="the last one counts"),
        pytest.param(b"id: 1\ndata\n\nid: 2\0\ndata\n\n", [("1", "1"), (None, "1")], id="with a NUL it is ignored"),
        pytest.param(b"id: 1\nid: 2\0\ndata\n\n", [("1", "1")], id="a NUL does not undo the one before"),
        pytest.param(b"id:  1 \ndata\n\n", [(" 1 ", " 1 ")], id="only one space is stripped"),
    ],
)
def test_id(stream: bytes, ids: list[tuple[str | None, str]]) -> None:
    assert [(event.id, event.last_event_id) for event in read(stream)] == ids


def test_an_id_counts_when_its_block_ends_and_not_before() -> None:
    decoder = EventDecoder()
    decoder.feed(b"id: 1\n\nid: 2\n")
    assert decoder.last_event_id == "1"
    decoder.feed(b"\n")
    assert decoder.last_event_id == "2"


@pytest.mark.parametrize(
    ("value", "retry"),
    [
        (b"3000", 3000),
        (b"007", 7),
        (b"0", 0),
        (b"", None),
        (b"-1", None),
        (b"+1", None),
        (b"1_0", None),
        (b"1.5", None),
        (b" 1", None),
        (b"1 ", None),
        ("\u0661".encode(), None),
        ("\u00b2".encode(), None),
        (b"9" * 5000, 10**18),
    ],
)
def test_retry_is_ascii_digits_or_nothing(value: bytes, retry: int | None) -> None:
    decoder = EventDecoder()
    assert [event.retry for event in decoder.feed(b"data\nretry: " + value + b"\n\ndata\n\n")] == [retry, None]
    assert decoder.retry == retry


def test_retry_counts_without_an_event() -> None:
    decoder = EventDecoder()
    assert decoder.feed(b"retry: 250\n\n") == []
    assert decoder.retry == 250


def test_the_name_belongs_to_one_event_and_the_last_one_counts() -> None:
    assert [event.event for event in read(b"event: a\nevent: b\ndata\n\ndata\n\nevent: c\n\ndata\n\n")] == ["b", "", ""]


def test_comments_and_blocks_without_data_are_counted() -> None:
    decoder = EventDecoder()
    decoder.feed(b": a\n:\ndata: x\n: b\n\nid: 1\n\nevent: e\n\n\n\n: c")
    assert (decoder.comments, decoder.undispatched) == (3, 2)
