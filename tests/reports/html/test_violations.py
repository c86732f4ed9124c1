"""A violation is drawn where it happened: on recordings of the mock with one fault each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.recording import Recording
from conformance.report.html.marks import Mark, marks
from conformance.report.html.overview import overview
from conformance.report.html.streams import session_streams
from conformance.report.html.timeline import Timeline, timeline
from tests.reports.html.conftest import Judged
from tests.reports.html.judged import BROKEN, report_of

Judge = Callable[[str], Judged]


def drawn(judged: Judge, name: str) -> tuple[Mark, Timeline]:
    """The first mark of the broken requirement, and the picture of the session that has it."""
    recording, report = judged(name)
    broken = BROKEN[name]
    found = marks(report["requirements"])
    mark = next(m for m in found if m.requirement == broken.requirement)
    pictures = [timeline(stream, found) for stream in session_streams(recording)]
    return mark, next(one for one in pictures if mark in one.marks)


def test_a_tail_from_an_inclusive_cursor_begins_at_the_end_of_the_turn_before(judged: Judge) -> None:
    mark, picture = drawn(judged, "cursor")
    span = next(one for one in picture.spans if mark in one.marks)
    cut = next(one for one in picture.cuts if one.label == "cursor 2")
    (named,) = [one for one in span.named if one.mark == mark]
    assert not named.lacking
    assert named.x == span.segments[0].x < cut.x
    assert [dot.type for dot in picture.dots if dot.x == named.x and dot.turn == 1] == ["finish"]
    assert min(dot.x for dot in picture.dots if dot.turn == 2) > cut.x


def test_a_smart_turn_too_many_is_marked_at_its_post(judged: Judge) -> None:
    mark, picture = drawn(judged, "tier")
    (post,) = [one for one in picture.posts if mark in one.marks]
    assert (post.exchange.facts["turn"], post.exchange.facts["tier"]) == (4, None)


def test_seven_attachments_are_marked_at_the_post_that_had_them(judged: Judge) -> None:
    mark, picture = drawn(judged, "limit")
    (post,) = [one for one in picture.posts if mark in one.marks]
    assert post.exchange.step.startswith("refuse-seven")
    assert post.exchange.status == 202


def test_a_delta_before_its_start_is_marked_at_the_delta(judged: Judge) -> None:
    mark, picture = drawn(judged, "order")
    span = next(one for one in picture.spans if mark in one.marks)
    (named,) = [one for one in span.named if one.mark == mark]
    (dot,) = [one for one in picture.dots if mark in one.marks]
    assert dot.x == named.x
    assert dot.type == "text-delta"
    begun = min(one.x for one in picture.dots if one.type == "text-start" and one.turn == dot.turn)
    assert dot.x < begun


def test_a_frame_of_another_session_is_marked_in_the_session_that_showed_it(judged: Judge) -> None:
    mark, picture = drawn(judged, "leak")
    assert picture.session.name == "idle"
    assert not picture.session.turns
    span = next(one for one in picture.spans if mark in one.marks)
    assert [one.id for one in span.named if not one.lacking]


@pytest.mark.parametrize("name", BROKEN)
def test_every_violation_of_the_recording_is_in_the_overview(judged: Judge, name: str) -> None:
    recording, report = judged(name)
    found = marks(report["requirements"])
    assert found
    strokes = [stroke for row in overview(recording, found).rows for stroke in row.strokes]
    assert {stroke.exchange.name for stroke in strokes} == {mark.exchange for mark in found}
    for stroke in strokes:
        assert all(mark.exchange == stroke.exchange.name for mark in stroke.marks)


def test_nothing_is_marked_on_a_right_server(baseline: Recording) -> None:
    found = marks(report_of(baseline)["requirements"])
    assert not found
    for stream in session_streams(baseline):
        picture = timeline(stream, found)
        assert not picture.marks
        assert not [dot for dot in picture.dots if dot.marks]
        for turn, cut in ((c.label, c) for c in picture.cuts if c.how == "placed" and c.label[-1].isdigit()):
            first = [dot.x for dot in picture.dots if f"cursor {dot.turn}" == turn]
            assert not first or cut.x < min(first)
