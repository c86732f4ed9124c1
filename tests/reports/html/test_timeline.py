"""Where a session's picture has its envelopes, cuts and spans: on recordings written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from conformance.recording import Exchange, Frame, Recording
from conformance.report.html import spans, timeline
from conformance.report.html.marks import Mark
from conformance.report.html.streams import session_streams
from conformance.report.html.timeline import Cut, Timeline
from tests.judges.by_hand import SESSION, post, recording, stream, tail, turn_of


def asked(exchange: Exchange, cursor: str, *, by_header: bool = False) -> Exchange:
    """The tail, opened from that cursor."""
    if by_header:
        return replace(exchange, sent=replace(exchange.sent, headers=(("Last-Event-Id", cursor),)))
    return replace(exchange, sent=replace(exchange.sent, url=f"{exchange.sent.url}?since={cursor}"))


def two_turns(second: Sequence[Frame], cursor: str | None = "1-7", *more: Exchange) -> Recording:
    """A session of two turns; the tail of the second gave those frames."""
    last = tail(second, 2)
    return recording(
        post(1),
        tail(stream(turn_of("1"), at=10.5), 1),
        post(2, cursor=cursor),
        asked(last, cursor) if cursor else last,
        *more,
    )


def picture(played: Recording, *marks: Mark) -> Timeline:
    (found,) = session_streams(played)
    return timeline.timeline(found, marks)


def broken(exchange: str, came: str, requirement: str = "CUR-01") -> Mark:
    return Mark(1, requirement, "MUST", exchange, came, "not that", True)


def cut_of(drawn: Timeline, turn: int) -> Cut:
    return next(cut for cut in drawn.cuts if cut.label == f"cursor {turn}")


def span_of(drawn: Timeline, step: str) -> spans.Span:
    return next(span for span in drawn.spans if span.exchange.step == step)


def x_of(drawn: Timeline, id: str) -> float:
    return next(dot.x for dot in drawn.dots if dot.id == id)


def test_a_tail_that_begins_one_envelope_too_early_begins_left_of_its_cut() -> None:
    early = picture(
        two_turns(stream("1-7:finish " + turn_of("2"), at=20.5)),
        broken("dialogue/turn-2/tail", "dialogue turn 2: 1-7 finish came, which the client had received"),
    )
    cut, span = cut_of(early, 2), span_of(early, "turn-2/tail")
    assert span.segments[0].x == x_of(early, "1-7") < cut.x < x_of(early, "2-1")
    assert [(named.x, named.id, named.lacking) for named in span.named] == [(x_of(early, "1-7"), "1-7", False)]
    assert span.label.endswith("✗ CUR-01")
    assert [dot.id for dot in early.dots if dot.marks] == ["1-7"]


def test_a_right_tail_begins_right_of_its_cut() -> None:
    right = picture(two_turns(stream(turn_of("2"), at=20.5)))
    span = span_of(right, "turn-2/tail")
    assert cut_of(right, 2).x < span.segments[0].x == x_of(right, "2-1")
    assert not span.named
    assert not right.marks
    assert [segment.count for segment in span.segments] == [7]


def test_a_hole_parts_a_span_and_what_lacks_is_named_at_its_place() -> None:
    words = turn_of("2").split()
    again = asked(tail(stream(" ".join(words[:3] + words[4:]), at=25.0), 2, "again"), "1-7")
    came = "dialogue turn 2: 1 of 7 envelopes are missing: 2-4 text-delta"
    drawn = picture(two_turns(stream(turn_of("2"), at=20.5), "1-7", again), broken("dialogue/turn-2/tail-again", came))
    span = span_of(drawn, "turn-2/tail-again")
    assert [segment.count for segment in span.segments] == [3, 3]
    assert span.segments[0].to_x < x_of(drawn, "2-4") < span.segments[1].x
    assert [(named.id, named.lacking) for named in span.named] == [("2-4", True)]


def test_what_is_read_again_later_stays_at_its_place() -> None:
    again = asked(tail(stream(turn_of("2"), at=500.0, every=0), 2, "again"), "1-7", by_header=True)
    alone = picture(two_turns(stream(turn_of("2"), at=20.5)))
    both = picture(two_turns(stream(turn_of("2"), at=20.5), "1-7", again))
    assert [(dot.id, dot.x) for dot in both.dots] == [(dot.id, dot.x) for dot in alone.dots]
    assert span_of(both, "turn-2/tail-again").segments == span_of(both, "turn-2/tail").segments
    assert span_of(both, "turn-2/tail-again").anchor == span_of(both, "turn-2/tail").anchor


def test_envelopes_of_one_moment_stand_apart_in_their_order() -> None:
    drawn = picture(recording(post(1), tail(stream(turn_of("1"), at=10.5, every=0), 1)))
    assert [dot.id for dot in sorted(drawn.dots, key=lambda dot: dot.x)] == [f"1-{n}" for n in range(1, 8)]
    assert all(other.x - one.x >= 7 for one, other in pairwise(drawn.dots))


def test_each_turn_has_a_lane_and_its_end_is_marked() -> None:
    drawn = picture(two_turns(stream(turn_of("2"), at=20.5)))
    assert [lane.label for lane in drawn.lanes] == ["turn 1", "turn 2"]
    assert {(dot.turn, dot.y) for dot in drawn.dots} == {(1, drawn.lanes[0].y), (2, drawn.lanes[1].y)}
    assert [dot.id for dot in drawn.dots if dot.family == "end"] == ["1-7", "2-7"]


def test_a_post_stands_before_its_answer_and_its_turn() -> None:
    drawn = picture(two_turns(stream(turn_of("2"), at=20.5)))
    second = drawn.posts[1]
    assert x_of(drawn, "1-7") < second.x < second.answered_x < x_of(drawn, "2-1")


def test_a_null_cursor_cuts_at_the_beginning_and_an_unknown_one_at_the_post() -> None:
    drawn = picture(two_turns(stream(turn_of("2"), at=20.5), "opaque"))
    assert cut_of(drawn, 1).how == "null"
    assert cut_of(drawn, 1).x < min(dot.x for dot in drawn.dots)
    assert cut_of(drawn, 2).how == "unplaced"
    assert cut_of(drawn, 2).x == drawn.posts[1].x
    assert span_of(drawn, "turn-2/tail").anchor is None


def test_opaque_ids_and_envelopes_without_ids_have_places_of_their_own() -> None:
    opaque = "Zm9v:start YmFy:text-start YmF6:text-delta YmF6eg:text-end cXV4:finish"
    drawn = picture(recording(post(1), tail(stream(opaque), 1), tail(stream(opaque, at=14.0), 1, "again")))
    assert len(drawn.dots) == 5
    bare = ":start :text-start :text-delta=a :text-delta=a :text-end :finish"
    drawn = picture(recording(post(1), tail(stream(bare), 1), tail(stream(bare, at=14.0), 1, "again")))
    assert len(drawn.dots) == 6, "two equal deltas are two envelopes, and read again they are the same two"


def test_a_violation_on_a_post_and_on_another_request_is_marked_there() -> None:
    replayed = replace(post(3, 200, name="dialogue/messages", part="messages"), operation="list-messages")
    played = two_turns(stream(turn_of("2"), at=20.5), "1-7", replayed)
    marks = (broken("dialogue/turn-2/post", "no", "TIER-05"), replace(broken("dialogue/messages", "no"), number=2))
    drawn = picture(played, *marks)
    assert [(p.exchange.step, [m.requirement for m in p.marks]) for p in drawn.posts if p.marks] == [
        ("turn-2/post", ["TIER-05"])
    ]
    assert [other.exchange.step for other in drawn.others] == ["messages"]


def test_a_violation_of_another_session_is_not_drawn_here() -> None:
    drawn = picture(two_turns(stream(turn_of("2"), at=20.5)), broken("strangers/foreign-1/tail-events", "1-7 came"))
    assert not drawn.marks
    assert not [dot for dot in drawn.dots if dot.marks]


def test_spans_do_not_touch_and_nothing_is_outside_of_the_picture() -> None:
    resumes = [
        asked(
            tail(stream(turn_of("2"), at=30.0 + n)[n:], 2, None, name=f"dialogue/turn-2/resume-{n}", part="resume"),
            f"2-{n}",
        )
        for n in range(1, 7)
    ]
    drawn = picture(two_turns(stream(turn_of("2"), at=20.5), "1-7", *resumes))
    assert len(drawn.spans) == 8
    for one in drawn.spans:
        assert one.left >= 0
        assert one.right <= drawn.width
        assert one.y < drawn.height
        for other in drawn.spans:
            assert one is other or one.y != other.y or one.right < other.left or other.right < one.left


def test_of_a_very_long_turn_the_middle_is_left_out_but_never_what_is_named() -> None:
    words = " ".join(["1-0:start", *(f"1-{n}:text-delta" for n in range(1, 5000)), "2-0:finish"])
    came = "dialogue turn 1: 1-2500 text-delta came"
    drawn = picture(recording(post(1), tail(stream(words, every=0.001), 1)), broken("dialogue/turn-1/tail", came))
    assert len(drawn.dots) == timeline.HEAD_OF_A_LANE + timeline.END_OF_A_LANE + 1
    assert drawn.undrawn == 5001 - len(drawn.dots)
    assert x_of(drawn, "1-2500") in [named.x for named in drawn.spans[0].named]


def test_a_session_of_which_nothing_came_has_no_picture() -> None:
    assert session_streams(recording(post(1, 409, part="busy"))) == ()
    assert [found.id for found in session_streams(recording(post(1)))] == [SESSION]


def test_ids_in_an_answer_that_speaks_for_itself_name_no_envelope() -> None:
    came = '202 application/json\n{"data": {"since_cursor": "1-7"}}'
    drawn = picture(two_turns(stream(turn_of("2"), at=20.5)), broken("dialogue/turn-2/post", came))
    assert not [dot for dot in drawn.dots if dot.marks]
    assert [one.exchange.step for one in drawn.posts if one.marks] == ["turn-2/post"]


def test_an_id_is_found_in_a_sentence_whatever_stands_in_it() -> None:
    """Ids are opaque: one may have blanks and brackets, and none is found for being a piece of another word."""

    def named(came: str, *ids: str) -> frozenset[str]:
        return Mark(1, "CUR-01", "MUST", "dialogue/turn-2/tail", came, "", True).names(ids)

    assert named("turn 2: a b;c(3) finish came", "a b;c(3)", "a b;c(4)") == {"a b;c(3)"}
    assert named("turn 2: 1-17 finish came", "1-1", "1-17", "17") == {"1-17"}
    assert named("turn 2 came (again)", "2", "n (", "(", "m") == {"2"}
